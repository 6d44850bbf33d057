import type { Secret, ServiceAccount, Stored } from '@quarterdeck/apis';

export const tokenSecretType = 'kubernetes.io/service-account-token';
export const accountNameAnnotation = 'kubernetes.io/service-account.name';
const accountUidAnnotation = 'kubernetes.io/service-account.uid';

export interface Observed {
  readonly secret: Stored<Secret>;
  /** Of the name that the Secret has; undefined when there is none. */
  readonly account: Stored<ServiceAccount> | undefined;
  /** PEM. */
  readonly caBundle: string;
}

export type Decision =
  | { readonly type: 'nothing' }
  /** Its account is gone, or another of the same name took its place. */
  | { readonly type: 'delete' }
  /** The Secret as it shall be, but for the token: when `needsToken`, one is to be issued and put there. */
  | { readonly type: 'fill'; readonly secret: Stored<Secret>; readonly needsToken: boolean };

/** What becomes of a Secret that asks for a token of a service account. Pure. KA-117 */
export function decide({ secret, account, caBundle }: Observed): Decision {
  if (secret.type !== tokenSecretType || secret.metadata.deletionTimestamp !== undefined) return { type: 'nothing' };
  const { annotations } = secret.metadata;
  const uid = annotations?.[accountUidAnnotation] ?? '';
  const isGone = account === undefined || account.metadata.deletionTimestamp !== undefined;
  if (isGone || (uid !== '' && uid !== account.metadata.uid)) return { type: 'delete' };
  const wanted = { 'ca.crt': base64(caBundle), namespace: base64(secret.metadata.namespace ?? '') };
  const needsToken = (secret.data?.token ?? '') === '';
  const isRight = Object.entries(wanted).every(([key, value]) => secret.data?.[key] === value);
  if (!needsToken && isRight && uid !== '') return { type: 'nothing' };
  // Nobody can fill it any more.
  if (secret.immutable === true) return { type: 'nothing' };
  return {
    type: 'fill',
    needsToken,
    secret: {
      ...secret,
      metadata: {
        ...secret.metadata,
        annotations: { ...annotations, [accountUidAnnotation]: account.metadata.uid },
      },
      data: { ...secret.data, ...wanted },
    },
  };
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
