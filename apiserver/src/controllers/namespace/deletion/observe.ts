import { ApiError, groupResourceName, type ResourceType } from '@quarterdeck/apis';
import { byCodePoint, type Client, isJsonObject } from '@quarterdeck/machinery';
import { readStoredObject } from '../../../authz/stored-object.ts';
import type { ControllerContext } from '../../context.ts';
import type { Observed } from './decide.ts';

/** Objects whose finalizers are looked at, per resource: enough to say what holds the namespace up. */
const sampleSize = 200;

type Source = Pick<ControllerContext, 'store' | 'resources'>;

/** Tells every kind of content to go, pods first. @returns what went wrong, one line each; and kinds out of reach */
export async function deleteContent(
  namespace: string,
  namespaceClient: Client,
  { store, resources }: Source,
  signal: AbortSignal,
): Promise<Pick<Observed, 'failures' | 'unserved'>> {
  const held = [...store.resourceCounts(namespace).keys()];
  const types = new Map(resources.list().map((type) => [groupResourceName(type), type]));
  const unserved = held.filter((name) => !types.has(name)).sort(byCodePoint);
  const reachable = held.flatMap((name) => types.get(name) ?? []).sort(podsFirst);
  const failures: string[] = [];
  for (const type of reachable) {
    try {
      await namespaceClient.deleteCollection(type, { namespace, signal });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      failures.push(`${groupResourceName(type)}: ${error.message}`);
    }
  }
  return { failures, unserved };
}

/** What is left, and what holds it. */
export function observeContent(namespace: string, store: Source['store']): Pick<Observed, 'remaining' | 'finalizers'> {
  const counts = [...store.resourceCounts(namespace)].filter(([, count]) => count > 0);
  const finalizers = new Map<string, number>();
  for (const [resource] of counts) {
    for (const entry of store.list({ resource, namespace, limit: sampleSize }).entries) {
      // Most bodies need not be decoded to know.
      if (!entry.body.includes('"finalizers"')) continue;
      const { metadata } = readStoredObject(entry);
      const names = isJsonObject(metadata) && Array.isArray(metadata.finalizers) ? metadata.finalizers : [];
      for (const name of names) finalizers.set(String(name), (finalizers.get(String(name)) ?? 0) + 1);
    }
  }
  const byName = <T>(pairs: Iterable<[string, T]>) => [...pairs].sort(([a], [b]) => byCodePoint(a, b));
  return {
    remaining: byName(counts).map(([resource, count]) => ({ resource, count })),
    finalizers: byName(finalizers).map(([name, count]) => ({ name, count })),
  };
}

function podsFirst(a: ResourceType, b: ResourceType): number {
  const rank = ({ group, plural }: ResourceType) => (group === '' && plural === 'pods' ? 0 : 1);
  return rank(a) - rank(b) || byCodePoint(groupResourceName(a), groupResourceName(b));
}
