import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenObject } from '../../authz/forbidden.ts';
import { readStoredObject } from '../../authz/stored-object.ts';
import type { AdmissionContext, AdmissionPlugin } from '../admission.ts';
import { claimProblems, podProblems, readLimits, withDefaultResources } from './limits.ts';

/**
 * LimitRanges: containers of new pods get the requests and limits that they lack, and what is outside of the limits of the
 * namespace is refused: pods when they are created, claims when they are created or changed. KA-2
 */
export const limitRangePlugin: AdmissionPlugin = {
  name: 'LimitRanger',
  handles: ({ operation, group, resource, subresource }) =>
    group === '' &&
    subresource === '' &&
    ((resource === 'pods' && operation === 'CREATE') ||
      (resource === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE'))),
  mutate({ resource, namespace, object }, context) {
    if (resource !== 'pods') return object;
    // One after the other, as each was written for itself.
    return limitRanges(namespace, context).reduce((pod, range) => withDefaultResources(pod, readLimits(range)), object);
  },
  validate({ resource, namespace, name, object }, context) {
    if (object === undefined) return;
    const problemsOf = resource === 'pods' ? podProblems : claimProblems;
    for (const range of limitRanges(namespace, context)) {
      const found = problemsOf(object, readLimits(range));
      if (found.length === 0) continue;
      const why = found.length === 1 ? (found[0] ?? '') : `[${[...new Set(found)].join(', ')}]`;
      throw forbiddenObject({ group: '', plural: resource }, name, why);
    }
  },
};

const limitRanges = (namespace: string, { store }: AdmissionContext): JsonObject[] =>
  store.list({ resource: 'limitranges', namespace }).entries.map(readStoredObject);
