import { isAccountNamespaceGone, isForbidden } from '@quarterdeck/apis';

/**
 * Whether a refusal is of a hub that knows whom it refuses, so that one that lasts means: no member any more. It does not
 * know an identity that has expired, or that was made with keys that it has replaced: those end no membership. A token it
 * still knows by its own signature, where it says that the namespace of the account is gone: the hub takes that away last of
 * all, and lets nobody else. What is not said by the hub over TLS that the agent verified never comes this far. RG-41, AB-22
 */
export const isKnownRefusal = (error: unknown): boolean => isForbidden(error) || isAccountNamespaceGone(error);
