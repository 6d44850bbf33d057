import { type FieldSet, hasPath, pathsOf } from './field-set.ts';
import type { Owner } from './owners.ts';
import type { Claims } from './ownership.ts';
import { type FieldPath, pathText } from './path-element.ts';
import { compareText, quote } from './text.ts';

/** One field that somebody else owns with another value: one cause, of reason `FieldManagerConflict`, of a 409. KA-76 */
export interface FieldConflict {
  /** `.spec.ports[containerPort=80,protocol="TCP"].name` */
  field: string;
  /** Names the owner: `conflict with "kubectl-edit" using apps/v1`. */
  message: string;
}

/** A conflict before it is put in words. */
export interface Claim {
  readonly owner: Owner;
  readonly path: FieldPath;
}

/** All conflicts: by owner, and for each owner by path. */
export function claimsOf(claims: Claims): Claim[] {
  const sorted = [...claims].sort(([a], [b]) => compareText(a, b));
  return sorted.flatMap(([, { owner, fields }]) => [...pathsOf(fields)].map((path) => ({ owner, path })));
}

/** The claims that are not among the allowed paths. KA-78 */
export const claimsOutside = (claims: readonly Claim[], allowed: FieldSet): Claim[] =>
  claims.filter(({ path }) => !hasPath(allowed, path));

/** The claims in words, in their order. */
export const fieldConflicts = (claims: readonly Claim[]): FieldConflict[] =>
  claims.map(({ owner, path }) => ({ field: pathText(path), message: `conflict with ${ownerText(owner)}` }));

function ownerText({ manager, operation, apiVersion, subresource }: Owner): string {
  const who = subresource === '' ? quote(manager) : `${quote(manager)} with subresource ${quote(subresource)}`;
  return operation === 'Update' ? `${who} using ${apiVersion}` : who;
}

/** The message of the 409 that carries these conflicts, as kubectl shows it. KA-76 */
export function applyConflictMessage(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (conflicts.length === 1 && first !== undefined) {
    return `Apply failed with 1 conflict: ${first.message}: ${first.field}`;
  }
  const byOwner = Map.groupBy(conflicts, ({ message }) => message.replace(/^conflict/, 'conflicts'));
  const lines = [...byOwner].flatMap(([owner, fields]) => [`${owner}:`, ...fields.map(({ field }) => `- ${field}`)]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`;
}
