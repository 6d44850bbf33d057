import { ignoreNotFound, Namespace } from '@quarterdeck/apis';
import { type Client, type Controller, createController, type Informer, Result } from '@quarterdeck/machinery';
import { type ControllerContext, fieldManager } from '../../context.ts';
import { decide, isWaiting } from './decide.ts';
import { deleteContent, observeContent } from './observe.ts';

export interface NamespaceDeletionOptions extends ControllerContext {
  /** Acts as `namespace-controller`. */
  readonly namespaceClient: Client;
  readonly namespaces: Informer<Namespace>;
}

/** While something is left: content goes when its finalizers do, and nothing tells us. */
const lookAgainMs = 1000;

/** Terminating namespaces -> gone, with all that is in them. KA-111 */
export function namespaceDeletion(options: NamespaceDeletionOptions): Controller {
  const { namespaceClient, namespaces, store, clock } = options;
  return createController({
    ...options,
    name: 'namespace.deletion',
    primary: namespaces,
    concurrency: 4,
    reconciler: {
      async reconcile(name, { signal }) {
        const known = namespaces.get(name);
        if (known === undefined || !isWaiting(known)) return Result.done;
        // A new namespace may have taken the name since, and nothing in that one is to be deleted.
        const namespace = await ignoreNotFound(namespaceClient.get(Namespace, { name }, { signal }));
        if (namespace === undefined || !isWaiting(namespace)) return Result.done;
        const outcome = await deleteContent(name, namespaceClient, options, signal);
        const decision = decide({ namespace, ...outcome, ...observeContent(name, store) }, clock.now());
        const call = { fieldManager, signal };
        if (decision.type === 'finalize') {
          const update = namespaceClient.update(Namespace, decision.namespace, { ...call, subresource: 'finalize' });
          await ignoreNotFound(update);
          return Result.done;
        }
        if (decision.namespace !== undefined) {
          const update = namespaceClient.update(Namespace, decision.namespace, { ...call, subresource: 'status' });
          await ignoreNotFound(update);
        }
        return Result.after(lookAgainMs);
      },
    },
  });
}
