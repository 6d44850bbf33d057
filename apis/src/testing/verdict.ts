import type { KindDefinition } from '../kinds/define-kind.ts';
import { equalJson, listAt, valueAt } from '../kinds/value.ts';
import type { KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';

type TableObject = KubeObject & Record<string, unknown>;

export interface RefusedField {
  /** As in `details.causes[].field`. */
  readonly field: string;
  /** A part of `details.causes[].message`. */
  readonly messageIncludes: string;
}

/** One object, and what any server says to it: ours and a real kube-apiserver alike. */
export type Verdict = {
  /** Test title: starts with the requirement. */
  readonly name: string;
  readonly kind: KindDefinition;
  /** Written by PUT when `old` is there, else by POST. */
  readonly object: TableObject;
  /** Created first. */
  readonly old?: TableObject;
  /** The PUT goes here; there is an `old` then. */
  readonly subresource?: 'status';
} & (
  | {
      readonly accepted: true;
      /** The fields beside apiVersion, kind and metadata as they come back. Absent: as they were sent. */
      readonly stored?: Record<string, unknown>;
    }
  /** 422 with exactly these causes, in any order. */
  | { readonly refused: readonly RefusedField[] }
);

/** How a player reaches a server: any HTTP client, or a request put straight into a pipeline. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute path on the server. */
  readonly path: string;
  /** Absent for DELETE. */
  readonly body?: unknown;
}
export type Send = (exchange: Exchange) => Promise<{ code: number; body: unknown }>;

/** The path of a kind's objects at its storage version. */
export function collectionPath(kind: Omit<ResourceType, '$object'>, namespace: string): string {
  const scope = kind.scope === 'Namespaced' ? `/namespaces/${namespace}` : '';
  const root = kind.group === '' ? '/api' : `/apis/${kind.group}`;
  return `${root}/${kind.version}${scope}/${kind.plural}`;
}

/**
 * Plays one verdict as a user who may do everything, and cleans up after it.
 * @param namespace an existing one, for namespaced kinds
 * @returns what differs from the table, in words; empty when the server agrees
 */
export async function playVerdict(verdict: Verdict, namespace: string, send: Send): Promise<string[]> {
  const collection = collectionPath(verdict.kind, namespace);
  const path = `${collection}/${verdict.object.metadata.name}`;
  try {
    return problemsWith(verdict, await write(verdict, collection, path, send));
  } finally {
    await send({ method: 'DELETE', path });
  }
}

async function write({ old, object, subresource }: Verdict, collection: string, path: string, send: Send) {
  if (old === undefined) return send({ method: 'POST', path: collection, body: object });
  const created = await send({ method: 'POST', path: collection, body: old });
  if (created.code !== 201) return created;
  const metadata = { ...object.metadata, resourceVersion: valueAt(created.body, 'metadata', 'resourceVersion') };
  const target = subresource === undefined ? path : `${path}/${subresource}`;
  return send({ method: 'PUT', path: target, body: { ...object, metadata } });
}

function problemsWith(verdict: Verdict, { code, body }: { code: number; body: unknown }): string[] {
  if ('refused' in verdict) return refusalProblems(verdict.refused, code, body);
  if (code !== 200 && code !== 201) return [`refused with ${code}: ${JSON.stringify(valueAt(body, 'message'))}`];
  const stored = fieldsOf(body);
  const want = verdict.stored ?? fieldsOf(verdict.object);
  return equalJson(stored, want) ? [] : [`stored ${JSON.stringify(stored)}, want ${JSON.stringify(want)}`];
}

function refusalProblems(refused: readonly RefusedField[], code: number, body: unknown): string[] {
  if (code !== 422) return [`answered with ${code}, want 422`];
  // Beside errors of shape a server says once, under no field, that it left rules unchecked. KA-104
  const causes = listAt(body, 'details', 'causes').filter((cause) => valueAt(cause, 'field') !== '<nil>');
  const missing = refused.filter(
    ({ field, messageIncludes }) =>
      !causes.some(
        (cause) => valueAt(cause, 'field') === field && String(valueAt(cause, 'message')).includes(messageIncludes),
      ),
  );
  if (missing.length === 0 && causes.length === refused.length) return [];
  return [`causes ${JSON.stringify(causes)}, want ${JSON.stringify(refused)}`];
}

function fieldsOf(object: unknown): Record<string, unknown> {
  const { apiVersion, kind, metadata, ...fields } = object as TableObject;
  return fields;
}
