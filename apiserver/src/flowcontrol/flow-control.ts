import type { Clock, Logger } from '@quarterdeck/machinery';
import type { Attributes } from '../authz/authorizer.ts';
import { readStoredObject } from '../authz/stored-object.ts';
import type { Store } from '../cache/store.ts';
import { followResource } from '../controllers/follow-resource.ts';
import { stringAt } from '../registry/fields.ts';
import { bySchemaOrder, type CompiledSchema, compileSchema, nominalShares } from './match.ts';

/** As storage knows them. */
export const flowSchemas = 'flowschemas.flowcontrol.apiserver.k8s.io';
export const priorityLevels = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';

/** Seats of a server, shared out over the levels that limit: what kube-apiserver has by default. */
const serverSeats = 600;

/** Which flow schema a request falls under. Requests are classified and told so; none is queued or refused. KA-142 */
export interface FlowControl extends AsyncDisposable {
  /** Headers that name schema and level; empty when none matches (there are no flow schemas). */
  classify(attributes: Attributes): Readonly<Record<string, string>>;
  /** By name of the level. */
  nominalSeats(): ReadonlyMap<string, number>;
}

interface Rules {
  readonly schemas: readonly (CompiledSchema & { readonly headers: Readonly<Record<string, string>> })[];
  readonly seats: ReadonlyMap<string, number>;
}

const none: Readonly<Record<string, string>> = Object.freeze({});

/** Follows the flow schemas and levels in the store; there are few, so a change compiles them all anew. */
export function createFlowControl(
  store: Store,
  { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
): FlowControl {
  const stop = new AbortController();
  let rules: Rules | undefined;
  const changed = () => {
    rules = undefined;
  };
  const following = [flowSchemas, priorityLevels].map((resource) =>
    followResource({ store, clock, logger, resource, onLoaded: changed, onEvent: changed }, stop.signal),
  );
  const current = (): Rules => {
    rules ??= compile(store);
    return rules;
  };
  return {
    classify: (attributes) => current().schemas.find((schema) => schema.matches(attributes))?.headers ?? none,
    nominalSeats: () => current().seats,
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the server is stopping'));
      await Promise.all(following);
    },
  };
}

function compile(store: Store): Rules {
  const levels = store.list({ resource: priorityLevels }).entries.map(readStoredObject);
  const uidOf = new Map(
    levels.map((level) => [stringAt(level, 'metadata', 'name'), stringAt(level, 'metadata', 'uid')]),
  );
  const schemas = store
    .list({ resource: flowSchemas })
    .entries.map((entry) => compileSchema(readStoredObject(entry)))
    // One that names no level classifies nothing: it is dangling.
    .filter(({ level }) => uidOf.has(level))
    .sort(bySchemaOrder)
    .map((schema) => ({
      ...schema,
      headers: Object.freeze({
        'x-kubernetes-pf-flowschema-uid': schema.uid,
        'x-kubernetes-pf-prioritylevel-uid': uidOf.get(schema.level) ?? '',
      }),
    }));
  const shares = levels.map((level) => [stringAt(level, 'metadata', 'name'), nominalShares(level)] as const);
  const sum = shares.reduce((total, [, each]) => total + (each ?? 0), 0);
  const seats = new Map(
    shares.map(([name, each]) => [name, each === undefined ? 0 : Math.ceil((serverSeats * each) / sum)]),
  );
  return { schemas, seats };
}
