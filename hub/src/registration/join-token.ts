import { apiVersionOf, bootstrapGroup, formatTime, Secret, type Stored } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import { matchesName } from './name-pattern.ts';

/** Where Kubernetes looks for bootstrap tokens. KA-124 */
export const tokenNamespace = 'kube-system';
const secretType = 'bootstrap.kubernetes.io/token';
/** Finds bootstrap tokens among the Secrets of {@link tokenNamespace}. */
export const tokenSelector = `type=${secretType}`;
const hourMs = 3_600_000;
/** RG-2 */
export const defaultTokenTtlMs = hourMs;
export const maxTokenTtlMs = 24 * hourMs;

/** What a bootstrap token allows, beyond proving that somebody was given it. RG-2 */
export interface JoinToken {
  /** Six characters; also in the user name `system:bootstrap:<id>`. */
  readonly id: string;
  /** Exact cluster name, or a pattern with `*` for any run of characters. */
  readonly clusterPattern: string;
  readonly clusterSet: string;
  /** Labels for the MemberCluster. */
  readonly labels: Readonly<Record<string, string>>;
  /** `Accepted`: the token is the rule that accepts (RG-3). `Pending`: a person decides. */
  readonly acceptance: 'Accepted' | 'Pending';
  /** The first cluster identity that used it; only that one may go on using it. Absent: unused. */
  readonly boundTo: string | undefined;
  /** When it was bound. Absent: unused. */
  readonly boundAt: EpochMs | undefined;
  /** May be used by several clusters. */
  readonly reusable: boolean;
  /** When it stops being good for joining. 0: it does not say so, or not so that it can be read. */
  readonly expiresAt: EpochMs;
}

export interface JoinTokenRequest {
  readonly id: string;
  /** Sixteen characters; only here and in the Secret, never logged. */
  readonly secret: string;
  readonly clusterPattern: string;
  readonly clusterSet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly acceptance: JoinToken['acceptance'];
  readonly reusable: boolean;
  readonly expiresAt: EpochMs;
}

// Keys beside Kubernetes' own ones: only who may write Secrets in kube-system can set them, so they may carry authority,
// which labels and annotations never do (SEC-10).
const dataKey = {
  clusterPattern: 'quarterdeck-cluster-pattern',
  clusterSet: 'quarterdeck-cluster-set',
  labels: 'quarterdeck-labels',
  acceptance: 'quarterdeck-acceptance',
  boundTo: 'quarterdeck-bound-to',
  boundAt: 'quarterdeck-bound-at',
  reusable: 'quarterdeck-reusable',
} as const;

/** How a token is named as what let a cluster ask, or accepted it. */
export const tokenSource = (id: string): string => `token/${id}`;

export const tokenSecretName = (id: string): string => `bootstrap-token-${id}`;

/** The token as a standard bootstrap token Secret, which kube-apiserver understands as well as our server. */
export function joinTokenSecret(request: JoinTokenRequest): Secret {
  return {
    apiVersion: apiVersionOf(Secret),
    kind: Secret.kind,
    metadata: { name: tokenSecretName(request.id), namespace: tokenNamespace },
    type: secretType,
    stringData: {
      'token-id': request.id,
      'token-secret': request.secret,
      expiration: formatTime(request.expiresAt),
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': bootstrapGroup,
      [dataKey.clusterPattern]: request.clusterPattern,
      [dataKey.clusterSet]: request.clusterSet,
      [dataKey.labels]: Object.entries(request.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
      [dataKey.acceptance]: request.acceptance,
      [dataKey.reusable]: String(request.reusable),
    },
  };
}

/** Reads a token Secret; undefined when it is not one of ours. Expiry is judged where it authenticates. */
export function readJoinToken(secret: Secret): JoinToken | undefined {
  const text = (key: string) => {
    const encoded = secret.data?.[key];
    return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
  };
  const [id, clusterPattern] = [text('token-id'), text(dataKey.clusterPattern)];
  if (secret.type !== secretType || id === undefined || clusterPattern === undefined) return undefined;
  const boundAt = text(dataKey.boundAt);
  const pairs = (text(dataKey.labels) ?? '').split(',').filter((pair) => pair !== '');
  return {
    id,
    clusterPattern,
    clusterSet: text(dataKey.clusterSet) ?? 'default',
    labels: Object.fromEntries(pairs.map((pair) => splitOnce(pair, '='))),
    acceptance: text(dataKey.acceptance) === 'Accepted' ? 'Accepted' : 'Pending',
    boundTo: text(dataKey.boundTo),
    boundAt: boundAt === undefined ? undefined : Date.parse(boundAt) || 0,
    reusable: text(dataKey.reusable) === 'true',
    expiresAt: Date.parse(text('expiration') ?? '') || 0,
  };
}

/** The Secret with the token bound to the cluster identity that used it first. RG-2 */
export function bindTokenSecret<S extends Secret>(secret: S, clusterIdentity: string, now: EpochMs): S {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const bound = { [dataKey.boundTo]: encoded(clusterIdentity), [dataKey.boundAt]: encoded(formatTime(now)) };
  return { ...secret, data: { ...secret.data, ...bound } };
}

/** By how much the clock of who made a token may differ from the hub's. F-20 */
const clockSlackMs = hourMs;

/**
 * Whether the token ends as soon as a join token has to, counted from when its Secret was made: a Secret can be written by
 * hand, for a year or without an end. RG-2
 */
export function isShortLived({ expiresAt }: JoinToken, { metadata }: Stored<Secret>): boolean {
  const lifeMs = expiresAt - Date.parse(metadata.creationTimestamp);
  return expiresAt > 0 && lifeMs <= maxTokenTtlMs + clockSlackMs;
}

/** Whether the token may be used for a cluster of this name. `*` stands for any run of characters, nothing else is special. */
export function allowsClusterName(token: JoinToken, clusterName: string): boolean {
  return matchesName(token.clusterPattern, clusterName);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
