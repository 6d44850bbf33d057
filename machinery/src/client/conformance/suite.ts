import type { ResourceType } from '@quarterdeck/apis';
import { afterAll, beforeAll, describe } from 'vitest';
import type { Client } from '../client.ts';
import { createReadUpdateCases } from './create-read-update.suite.ts';
import { deleteCases } from './delete.suite.ts';
import { informerCases } from './informer.suite.ts';
import { builtInKindCases, customKindCases, rawCases } from './kinds.suite.ts';
import { listCases } from './list.suite.ts';
import { applyCases, patchCases } from './patch-apply.suite.ts';
import {
  type Bench,
  type ConformanceTarget,
  createBench,
  createNamespace,
  installWidgets,
  removeNamespace,
  removeWidgets,
  uniqueSuffix,
  type Widget,
} from './target.ts';
import { watchCases } from './watch.suite.ts';

const areas: Readonly<Record<string, (bench: Bench) => void>> = {
  'create, read, update': createReadUpdateCases,
  patch: patchCases,
  apply: applyCases,
  list: listCases,
  watch: watchCases,
  delete: deleteCases,
  'built-in kinds': builtInKindCases,
  'custom kinds': customKindCases,
  informer: informerCases,
  raw: rawCases,
};

/**
 * What every {@link Client} and the server behind it must do, in whatever way they are connected: in-process, over HTTP to
 * our server, over HTTP to a real kube-apiserver. Call it at the top of a test file. Each area works in a namespace of its
 * own, and names nothing that another run on the same server would name.
 * @param start gives a client with a cluster administrator's rights
 */
export function describeClientConformance(name: string, start: () => Promise<ConformanceTarget>): void {
  describe(`client conformance: ${name}`, () => {
    const suffix = uniqueSuffix();
    let target: ConformanceTarget | undefined;
    let widgets: ResourceType<Widget> | undefined;

    beforeAll(async () => {
      target = await start();
      widgets = await installWidgets(target.client, suffix);
    });
    afterAll(async () => {
      if (target !== undefined && widgets !== undefined) await removeWidgets(target.client, widgets);
      await target?.close();
    });

    const client = lateBound(() => target?.client);
    const type = lateBound(() => widgets);
    for (const [area, cases] of Object.entries(areas)) {
      describe(area, () => {
        const namespace = `conf-${suffix}-${area.replace(/[^a-z]+/g, '-')}`;
        beforeAll(() => createNamespace(client, namespace));
        afterAll(() => removeNamespace(client, namespace));
        cases(createBench(client, namespace, type));
      });
    }
  });
}

/** Tests are declared before their target exists; what they hold stands for it until then. */
function lateBound<T extends Client | ResourceType<Widget>>(find: () => T | undefined): T {
  return new Proxy({} as T, {
    get(_, property) {
      const found = find();
      if (found === undefined) throw new Error('the conformance target has not started');
      const value: unknown = Reflect.get(found, property, found);
      return typeof value === 'function' ? value.bind(found) : value;
    },
    ownKeys: () => Reflect.ownKeys(find() ?? {}),
    getOwnPropertyDescriptor: (_, property) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(find() ?? {}, property);
      return descriptor === undefined ? undefined : { ...descriptor, configurable: true };
    },
  });
}
