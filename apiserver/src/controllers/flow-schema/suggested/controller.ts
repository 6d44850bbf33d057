import { ignoreNotFound, type KubeObject } from '@quarterdeck/apis';
import type { Client, JsonObject } from '@quarterdeck/machinery';
import { type Background, type ControllerContext, fieldManager } from '../../context.ts';
import { type SuggestedObject, suggestedObject, suggestedObjects } from '../../mandatory-objects.ts';
import { createStoreWorker } from '../../store-worker.ts';
import { decide } from './decide.ts';

export interface SuggestedFlowControlOptions extends ControllerContext {
  /** Acts as `flow-schema-controller`. */
  readonly suggestionsClient: Client;
}

/** As kube-apiserver looks at them. */
const lookAgainMs = 60_000;

const keyOf = ({ type, name }: SuggestedObject): string => `${type.plural}/${name}`;
const byKey = new Map(suggestedObjects.map((object) => [keyOf(object), object]));

/**
 * The flow schemas and levels that Kubernetes suggests: those that went come again, and those that nobody took over are brought
 * up to date. KA-2
 */
export function suggestedFlowControl(options: SuggestedFlowControlOptions): Background {
  const { suggestionsClient, resources, clock } = options;
  return createStoreWorker({
    ...options,
    name: 'flowschema.suggested',
    async follow(add, signal) {
      while (!signal.aborted) {
        const served = new Set(resources.list().map(({ plural }) => plural));
        for (const [key, { type }] of byKey) if (served.has(type.plural)) add(key);
        await clock.sleep(lookAgainMs, signal).catch(() => undefined);
      }
    },
    async reconcile(key, signal) {
      const wanted = byKey.get(key);
      if (wanted === undefined) return;
      const { type, name, content } = wanted;
      const call = { fieldManager, signal };
      const found = await ignoreNotFound(suggestionsClient.get(type, { name }, { signal }));
      if (found === undefined) {
        await suggestionsClient.create(type, suggestedObject(wanted), call);
        return;
      }
      const next = decide(found as unknown as JsonObject, content.spec);
      if (next !== undefined) await suggestionsClient.update(type, next as unknown as KubeObject, call);
    },
  });
}
