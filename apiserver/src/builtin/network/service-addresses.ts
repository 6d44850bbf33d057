import { type FieldError, invalid } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin, Commit } from '../../admission/admission.ts';
import { objectBody } from '../../cache/body.ts';
import type { Store } from '../../cache/store.ts';
import { invalidField, stringAt } from '../../registry/fields.ts';
import { ExpectationFailedError, type StorageKey } from '../../storage/storage.ts';
import { askedAddressErrors, clusterIpOf, takenAddressErrors, withClusterIp } from './cluster-ips.ts';
import { nodePortsOf, takenPorts, withNodePorts } from './node-ports.ts';
import { createRecentlyGiven } from './recently-given.ts';
import { defaultNodePorts, defaultServiceCidr, type ServiceNetwork, serviceRange } from './service-network.ts';
import { serviceType, takesNodePorts } from './service-rules.ts';

const attempts = 128;

/**
 * Gives Services the addresses and ports that they do not bring, and refuses those that others have. What is taken is read
 * from the store, and what was given out a moment ago is not given again. Each write that takes an address or a port also
 * writes one row that all of them write, so that of two that take the same in the same moment, in whatever process, the second
 * looks again and is refused. KA-2
 */
export function serviceAddressPlugin({
  cidr = defaultServiceCidr,
  nodePorts = defaultNodePorts,
}: Pick<ServiceNetwork, 'cidr' | 'nodePorts'>): AdmissionPlugin {
  const range = serviceRange(cidr);
  const recent = createRecentlyGiven();
  return {
    name: 'ServiceAddresses',
    handles: ({ operation, group, resource, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      group === '' &&
      resource === 'services' &&
      subresource === '',
    mutate({ object, oldObject = {}, name }, { store, random }) {
      let service = object;
      if (serviceType(service) !== 'ExternalName') {
        const pool = { store, range, recent, random };
        // Whether an address may replace another is for the kind's own rules to say.
        if (stringAt(oldObject, 'spec', 'clusterIP') === '') refuse(service, name, askedAddressErrors(service, pool));
        service = withClusterIp(service, pool);
      }
      if (!takesNodePorts(service)) return service;
      const numbered = withNodePorts(service, oldObject, { store, range: nodePorts, recent, random });
      refuse(service, name, numbered.errors);
      return numbered.service;
    },
    charge: takeInTurn,
  };
}

/** Its revision is the turn: whoever takes something moves it. */
const turnKey: StorageKey = { resource: 'service-network-turns.quarterdeck.dev', namespace: '', name: 'turn' };
const turnBody = objectBody({ metadata: { name: turnKey.name } });

async function takeInTurn<T>(
  { object, oldObject = {}, name, dryRun }: AdmissionAttributes & { readonly object: JsonObject },
  { store }: AdmissionContext,
  commit: Commit<T>,
): Promise<T> {
  const held = new Set(holdingsOf(oldObject));
  const isTaking = holdingsOf(object).some((holding) => !held.has(holding));
  for (let attempt = 1; ; attempt += 1) {
    const expect = store.get(turnKey)?.revision ?? 'absent';
    if (isTaking) refuse(object, name, lateProblems(object, oldObject, store));
    if (!isTaking || dryRun) return commit([]);
    try {
      return await commit([{ type: 'put', key: turnKey, body: turnBody, expect }]);
    } catch (error) {
      const isLate = error instanceof ExpectationFailedError && error.key.resource === turnKey.resource;
      if (!isLate || attempt === attempts) throw error;
      await store.fresh();
    }
  }
}

function holdingsOf(service: JsonObject): string[] {
  const ip = clusterIpOf(service);
  return [...(ip === '' ? [] : [ip]), ...nodePortsOf(service).map(String)];
}

/** What somebody else took since this request was prepared. */
function lateProblems(object: JsonObject, old: JsonObject, store: Store): FieldError[] {
  const isNewAddress = clusterIpOf(object) !== stringAt(old, 'spec', 'clusterIP');
  const before = new Set(nodePortsOf(old));
  const ports = nodePortsOf(object).filter((port) => !before.has(port));
  const taken = ports.length === 0 ? new Set<number>() : takenPorts(store, object);
  return [
    ...(isNewAddress ? takenAddressErrors(object, store) : []),
    ...ports
      .filter((port) => taken.has(port))
      .map((port) => invalidField('spec.ports', port, 'provided port is already allocated')),
  ];
}

function refuse(object: JsonObject, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: '', kind: stringAt(object, 'kind') || 'Service' }, name, errors);
}
