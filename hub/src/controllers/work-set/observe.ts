import { label, labelValueOf, type Stored, type Work, type WorkSet } from '@quarterdeck/apis';
import type { FleetCaches } from '../../fleet/caches.ts';
import { readTarget, type Target } from './target.ts';

export interface WorkSetSeen {
  readonly workSet: Stored<WorkSet>;
  readonly target: Target;
  readonly works: readonly Stored<Work>[];
}

/** What both controllers of WorkSets look at. Undefined when the WorkSet is gone. */
export function observeWorkSet(caches: FleetCaches, key: string): WorkSetSeen | undefined {
  const workSet = caches.workSets.get(key);
  if (workSet === undefined) return undefined;
  const { namespace = '', name } = workSet.metadata;
  const placementName = workSet.spec.placementRef.name;
  const placement = caches.placements.get(`${namespace}/${placementName}`);
  const slices = placement === undefined ? [] : caches.decisions.byIndex('decision', placement.metadata.uid);
  return {
    workSet,
    target: readTarget(placementName, placement, slices),
    works: caches.works.byIndex('workSet', `${labelValueOf(namespace)}/${labelValueOf(name)}`),
  };
}

/** Keys of the WorkSets that follow a placement. */
export function followersOf(caches: FleetCaches, namespace: string | undefined, placementName: string): string[] {
  return caches.workSets
    .byIndex('placement', `${namespace}/${placementName}`)
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Key of the WorkSet that a Work was made from, by its labels; label values may be shortened, so it is looked up. */
export function makerOf(caches: FleetCaches, work: Stored<Work>): string[] {
  const { labels } = work.metadata;
  const [namespace, name] = [labels?.[label.workSetNamespace], labels?.[label.workSet]];
  if (namespace === undefined || name === undefined) return [];
  if (caches.workSets.get(`${namespace}/${name}`) !== undefined) return [`${namespace}/${name}`];
  return caches.workSets
    .list()
    .filter(
      ({ metadata }) => labelValueOf(metadata.namespace ?? '') === namespace && labelValueOf(metadata.name) === name,
    )
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}
