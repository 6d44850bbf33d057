import { membersGroup, memberUserName } from '../constants/identity.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';
import type { Policy, Refusal, Right } from '../policies/policy.ts';

type TableObject = KubeObject & Record<string, unknown>;

/**
 * One write by a user who may create and update the kind, holds `rights` and nothing else, and what the policy says:
 * our server and a real kube-apiserver alike. Objects are complete, so that defaults play no part.
 */
export interface PolicyVerdict {
  readonly name: string;
  readonly policy: Policy;
  readonly kind: ResourceType;
  readonly object: TableObject;
  /** Written before by an administrator, with status; absent: the write is a create. */
  readonly old?: TableObject;
  readonly subresource?: 'status';
  /** The write is the deletion of `old`; `object` is the same again. */
  readonly deletes?: true;
  /** Name of the user. Default: a member's where `groups` holds theirs, else some user's. */
  readonly user?: string;
  /** Default none: some user without groups. */
  readonly groups?: readonly string[];
  readonly rights?: readonly Right[];
  /** Absent: allowed. */
  readonly refused?: Refusal;
}

/** The table of one policy. */
export const verdictsOf = (policy: Policy, table: readonly Omit<PolicyVerdict, 'policy'>[]): PolicyVerdict[] =>
  table.map((verdict) => ({ ...verdict, policy }));

/** The object is wrong, whoever writes it. */
export const invalid = (message: string): Refusal => ({ reason: 'Invalid', message });

/** This user may not write it. */
export const forbidden = (message: string): Refusal => ({ reason: 'Forbidden', message });

/** A right on one object of the fleet's own group. */
export const right = (verb: string, resource: string, name: string): Right => ({
  verb,
  group: 'quarterdeck.dev',
  resource,
  name,
});

/** The user of a verdict, on any server. */
export const policyUser = ({ user, groups, object }: PolicyVerdict) => ({
  name:
    user ??
    (groups?.includes(membersGroup)
      ? memberUserName(object.metadata.name ?? '', 'uid')
      : `user:${object.metadata.name}`),
  groups: groups ?? [],
});
