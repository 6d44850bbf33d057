import type { AdmissionRule } from '../builtin/extensions.ts';

/** Writes of what holds manifests: a Work, or a WorkSet, of which the hub makes Works. */
export const workWrites: AdmissionRule[] = [
  { apiGroups: ['multicluster.x-k8s.io'], apiVersions: ['*'], resources: ['works'], operations: ['CREATE', 'UPDATE'] },
  { apiGroups: ['quarterdeck.dev'], apiVersions: ['*'], resources: ['worksets'], operations: ['CREATE', 'UPDATE'] },
];
