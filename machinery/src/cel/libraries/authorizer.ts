import type { FieldRequirement } from '../../select/field-selector.ts';
import type { Requirement } from '../../select/requirement.ts';

/** Who is asked for. */
export interface CelUser {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What an expression asks about. KA-137 */
export type CelAttributes = CelResourceAttributes | CelPathAttributes;

export interface CelPathAttributes {
  readonly user: CelUser;
  readonly verb: string;
  readonly path: string;
}

export interface CelResourceAttributes {
  readonly user: CelUser;
  readonly verb: string;
  readonly group: string;
  /** Always `*`. */
  readonly version: string;
  readonly resource: string;
  /** Empty for the main resource. */
  readonly subresource: string;
  /** Empty: cluster-wide, or a cluster-scoped resource. */
  readonly namespace: string;
  /** Empty: no object in particular. */
  readonly name: string;
  /** Absent when the expression gave none. */
  readonly fieldSelector?: CelSelector<FieldRequirement>;
  readonly labelSelector?: CelSelector<Requirement>;
}

/** A selector as it was read. One that could not be read narrows nothing. */
export type CelSelector<T> = { readonly requirements: readonly T[] } | { readonly problem: string };

export interface CelDecision {
  readonly allowed: boolean;
  /** For people. */
  readonly reason: string;
  /** Why it could not be decided; absent when it was. */
  readonly error?: string;
}

/** Decides for `authorizer` in expressions: at once, from memory, because an evaluation never waits. Never throws. */
export interface CelAuthorizer {
  authorize(attributes: CelAttributes): CelDecision;
}
