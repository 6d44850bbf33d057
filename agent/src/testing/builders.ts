import {
  AppliedWork,
  apiVersionOf,
  type Condition,
  type KubeObject,
  type Manifest,
  type Stored,
  Work,
} from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import { type ReadManifest, readManifests } from '../controllers/work/manifest.ts';

export const configMapManifest = (over: Partial<Manifest> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'shop' },
  data: { text: 'x' },
  ...over,
});

export const workWith = (manifests: Manifest[], over: Partial<Work> = {}): Stored<Work> =>
  stored({
    apiVersion: apiVersionOf(Work),
    kind: Work.kind,
    spec: { workload: { manifests } },
    ...over,
    metadata: { name: 'w', namespace: 'member-m1', generation: 2, ...over.metadata },
  });

/** @throws Error when it is refused */
export function readOne(manifest: Manifest): ReadManifest {
  const [entry] = readManifests(workWith([manifest]));
  if (entry?.ok !== true) throw new Error(entry?.problem.message ?? 'no manifest');
  return entry.manifest;
}

/** An AppliedWork as the member would return it. */
export const appliedWork = (name: string, over: Partial<AppliedWork> = {}): Stored<AppliedWork> =>
  stored({
    apiVersion: apiVersionOf(AppliedWork),
    kind: AppliedWork.kind,
    spec: { workName: name, workNamespace: 'member-m1' },
    ...over,
    metadata: { name, uid: `uid-${name}`, ...over.metadata },
  });

/** What applying a manifest leaves on the member. */
export const liveObject = (manifest: ReadManifest, metadata: KubeObject['metadata'] = {}): Stored<KubeObject> => {
  const object = manifest.object as unknown as KubeObject;
  return stored({ ...object, metadata: { ...object.metadata, uid: 'uid-live', ...metadata } });
};

export const condition = (type: string, status: Condition['status'], over: Partial<Condition> = {}): Condition => ({
  type,
  status,
  reason: 'R',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  ...over,
});
