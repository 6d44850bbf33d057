import {
  type AppliedWork,
  type KubeObject,
  label,
  labelValueOf,
  type ResourceType,
  type Work,
} from '@quarterdeck/apis';
import type { Informer, ObjectKey } from '@quarterdeck/machinery';
import { appliedWorkName, identityOfResource, workKeyOf } from './journal.ts';
import { identitiesOf, identityOf } from './manifest.ts';

/** Who has to do with an object of the member: by the Works of our hub, and by the journals of every hub. DL-5, WK-32 */

export const workIndex = { object: identitiesOf };

export const appliedWorkIndex = {
  label: ({ metadata }: AppliedWork) => [labelValueOf(metadata.name ?? '')],
  object: ({ status }: AppliedWork) => (status?.appliedResources ?? []).map(identityOfResource),
};

export interface ClaimSources {
  readonly works: Informer<Work>;
  readonly appliedWorks: Informer<AppliedWork>;
  readonly hubUID: string;
}

/** Keys of the Works that a changed object concerns: those that recorded it, and the one that its label names. */
export function worksOfObject({ appliedWorks }: ClaimSources, type: ResourceType, object: KubeObject): ObjectKey[] {
  const { name = '', namespace = '', labels } = object.metadata;
  const recorded = appliedWorks.byIndex('object', identityOf({ ...type, namespace, name }));
  const first = labels?.[label.appliedWork];
  const labelled = first === undefined ? [] : appliedWorks.byIndex('label', first);
  return [...new Set([...recorded, ...labelled].map(workKeyOf))];
}

/**
 * AppliedWorks, but for `except`, that want an object. For our own hub the Works themselves tell, not their journals: a Work
 * that gives the object up at this very moment still has it in its journal, and must not be made its heir.
 */
export function claimsOf({ works, appliedWorks, hubUID }: ClaimSources, identity: string, except: string): string[] {
  const own = works
    .byIndex('object', identity)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))
    .map(({ metadata }) => appliedWorkName(hubUID, metadata));
  const others = appliedWorks
    .byIndex('object', identity)
    .filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && !isOfHub(hubUID, metadata.name, spec))
    .toSorted((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1))
    .map(({ metadata }) => metadata.name);
  return [...own, ...others].filter((name) => name !== except);
}

const ageOf = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp} ${metadata.name}`;

const isOfHub = (hubUID: string, name: string, { workName, workNamespace }: AppliedWork['spec']): boolean =>
  name === appliedWorkName(hubUID, { namespace: workNamespace, name: workName });
