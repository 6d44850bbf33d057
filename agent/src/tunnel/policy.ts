import { systemNamespace } from '@quarterdeck/apis';
import { type Caller, decodeYaml, isTokenAccount, type TokenAccount } from '@quarterdeck/machinery';
import { z } from 'zod';
import type { TunnelVerb } from './verb.ts';

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
/** Names, or their start and a star. */
const patterns = z.array(
  z
    .string()
    .min(1)
    .regex(/^[^*]*\*?$/, 'may hold one *, at its end'),
);
const mapping = z
  .strictObject({ hub: z.string().min(1), member: z.string().min(1) })
  .refine(({ member }) => !isReserved(member), {
    path: ['member'],
    message: 'must not start with system: - such names are never taken on',
  });

/** Nobody gets a token of Kubernetes' own accounts, or of the agent's. RG-50 */
const neverIssued = new Set(['kube-system', systemNamespace]);

const account = z
  .strictObject({ namespace: z.string(), name: z.string() })
  .refine(isTokenAccount, { message: 'must name a service account: namespace and name' })
  .refine(({ namespace }) => !neverIssued.has(namespace), {
    path: ['namespace'],
    message: `must not be ${[...neverIssued].join(' or ')}`,
  });

const schema = z.strictObject({
  /** Put before names of the hub that no mapping names. */
  userPrefix: z.string().default('quarterdeck:'),
  groupPrefix: z.string().default('quarterdeck:'),
  /** Absent: everybody whom the hub lets through. Otherwise who is named by `users` or is in one of `groups`. */
  allow: z.strictObject({ users: patterns.default([]), groups: patterns.default([]) }).optional(),
  /** Absent: all. */
  verbs: z.array(z.enum(verbs)).optional(),
  users: z.array(mapping).default([]),
  groups: z.array(mapping).default([]),
  /** Service accounts of which those who are allowed may have short-lived tokens. None to begin with. RG-51 */
  tokens: z.array(account).default([]),
});

/** What the member's administrator says about users of the hub. RG-50 */
export type TunnelPolicy = z.output<typeof schema>;

export const defaultTunnelPolicy: TunnelPolicy = schema.parse({});

/** @throws Error naming what is wrong, in a text for the member's administrator */
export function parseTunnelPolicy(text: string): TunnelPolicy {
  const parsed = schema.safeParse(decodeYaml(text).value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${issue?.path.join('.') || 'the policy'}: ${issue?.message}`);
}

/** Whom a request is made as on the member, or why it is not made at all. */
export type Verdict =
  | { readonly type: 'as'; readonly user: string; readonly groups: readonly string[] }
  | { readonly type: 'refused'; readonly why: string };

/**
 * Users and groups of the hub arrive prefixed unless a mapping says otherwise. A name that starts with `system:` is never
 * taken on, whatever rule it comes from: as a user it is refused, as a group left out. Pure and total. RG-50
 */
export function judgeCaller(policy: TunnelPolicy, caller: Caller, verb: TunnelVerb): Verdict {
  const { allow } = policy;
  if (allow !== undefined && !isAllowed(allow, caller)) return refused('this member does not let you in');
  if (policy.verbs !== undefined && !policy.verbs.some((each) => each === verb)) {
    return refused(`this member does not allow the verb ${verb} through the tunnel`);
  }
  const user = mapped(policy.users, policy.userPrefix, caller.user);
  if (user === '' || isReserved(user)) return refused(`${caller.user} would become ${user}, which nobody may become`);
  const groups = caller.groups
    .map((group) => mapped(policy.groups, policy.groupPrefix, group))
    .filter((group) => group !== '' && !isReserved(group) && !isUnprintable(group));
  if (isUnprintable(user)) return refused('your name holds characters that no header can carry');
  return { type: 'as', user, groups: [...new Set(groups)] };
}

/** Why a caller gets no token of a service account; undefined: he does. Pure and total. RG-51 */
export function tokenProblem(policy: TunnelPolicy, caller: Caller, wanted: TokenAccount): string | undefined {
  const { allow, tokens } = policy;
  if (allow !== undefined && !isAllowed(allow, caller)) return 'this member does not let you in';
  if (tokens.some(({ namespace, name }) => namespace === wanted.namespace && name === wanted.name)) return undefined;
  return `this member gives no tokens of the service account ${wanted.namespace}/${wanted.name}: its administrator lists those that it does, see docs/guides/reach-members.md`;
}

const refused = (why: string): Verdict => ({ type: 'refused', why });

function isAllowed({ users, groups }: NonNullable<TunnelPolicy['allow']>, caller: Caller): boolean {
  return matches(users, caller.user) || caller.groups.some((group) => matches(groups, group));
}

const matches = (list: readonly string[], name: string): boolean =>
  list.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));

const mapped = (rules: TunnelPolicy['users'], prefix: string, name: string): string =>
  rules.find(({ hub }) => hub === name)?.member ?? `${prefix}${name}`;

/** All identities of Kubernetes itself, service accounts of kube-system among them. */
function isReserved(name: string): boolean {
  return name.trim().toLowerCase().startsWith('system:');
}

const isUnprintable = (name: string): boolean => /\p{Cc}/u.test(name);
