import { ApiError, isForbidden, isNotFound, Secret } from '@quarterdeck/apis';
import type { Client, Clock, JsonObject, Logger } from '@quarterdeck/machinery';

/** The data of one Secret of the hub. */
export interface HubSecret {
  /** Base64 by key. */
  readonly data: JsonObject;
  readonly type: string | undefined;
  /** Differs whenever the Secret was written, and says nothing of what is in it. */
  readonly version: string;
}

/** Secrets of the member's namespace on the hub, each read by its name when a Work refers to it. In memory only. DL-31 */
export interface HubSecrets {
  /** A hub that is away leaves what was read before. @returns the problem, in words, when there is nothing to go by */
  read(name: string, signal: AbortSignal): Promise<HubSecret | { readonly problem: string }>;
}

export interface HubSecretsOptions {
  readonly hubClient: Client;
  readonly hubNamespace: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A pass that follows soon goes by what the one before it read. */
const freshMs = 30_000;
/** How soon a Work looks again whether a Secret that it refers to has changed. */
export const secretPollMs = 60_000;

export function createHubSecrets({ hubClient, hubNamespace, clock, logger }: HubSecretsOptions): HubSecrets {
  const known = new Map<string, HubSecret & { readonly at: number }>();
  /** What was logged last of those that there is nothing to go by for: the hub may be away, and hear no report. */
  const logged = new Map<string, string>();
  const without = (name: string, problem: string) => {
    if (logged.get(name) !== problem)
      logger.warn({ secret: name, problem }, 'no Secret of the hub to go by; what refers to it is left as it is');
    logged.set(name, problem);
    return { problem: `${problem}; what stands on the member is left as it is, drifted or not` };
  };
  return {
    async read(name, signal) {
      const before = known.get(name);
      if (before !== undefined && clock.monotonic() - before.at < freshMs) return before;
      try {
        const {
          data = {},
          type,
          metadata,
        } = await hubClient.get(Secret, { namespace: hubNamespace, name }, { signal });
        const version = `${metadata.uid} ${metadata.resourceVersion}`;
        const secret = { data, type, version, at: clock.monotonic() };
        known.set(name, secret);
        logged.delete(name);
        return secret;
      } catch (error) {
        signal.throwIfAborted();
        if (isNotFound(error)) {
          known.delete(name);
          return without(name, `there is no Secret ${name} in namespace ${hubNamespace} of the hub`);
        }
        const isRefused = error instanceof ApiError && (isForbidden(error) || error.code === 401);
        if (isRefused) known.delete(name);
        else if (before !== undefined) return before;
        const why = error instanceof Error ? error.message : String(error);
        return without(name, `Secret ${name} of the hub cannot be read: ${why}`);
      }
    },
  };
}
