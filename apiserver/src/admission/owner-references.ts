import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenObject } from '../authz/forbidden.ts';
import { objectsAt, stringAt, valueAt } from '../registry/fields.ts';
import type { Registry } from '../registry/registry.ts';
import type { AdmissionPlugin } from './admission.ts';

/**
 * An owner that is deleted in the foreground waits for each dependent that says `blockOwnerDeletion`, so only who may update
 * the owner's `finalizers` may say so: otherwise anybody could hold back a deletion that is none of theirs. KA-48b
 */
export function ownerReferencesPlugin(registry: Pick<Registry, 'resolveKind'>): AdmissionPlugin {
  return {
    name: 'OwnerReferencesPermissionEnforcement',
    handles: ({ operation, object, oldObject, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') &&
      subresource !== 'status' &&
      object !== undefined &&
      newlyBlocking(object, oldObject).length > 0,
    validate({ group, resource, name, namespace, user, object, oldObject }, { authorizer }) {
      for (const reference of object === undefined ? [] : newlyBlocking(object, oldObject)) {
        const [ownerGroup, ownerVersion] = groupVersionOf(stringAt(reference, 'apiVersion'));
        const kind = stringAt(reference, 'kind');
        const owner = registry.resolveKind(ownerGroup, ownerVersion, kind)?.definition;
        if (owner === undefined) {
          const why = `cannot set blockOwnerDeletion: kind ${kind} in ${stringAt(reference, 'apiVersion')} is not served`;
          throw forbiddenObject({ group, plural: resource }, name, why);
        }
        const { allowed, reason } = authorizer.authorize({
          user,
          verb: 'update',
          group: ownerGroup,
          version: ownerVersion,
          resource: owner.plural,
          subresource: 'finalizers',
          namespace: owner.scope === 'Namespaced' ? namespace : '',
          name: stringAt(reference, 'name'),
        });
        if (allowed) continue;
        const why = `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${reason}`;
        throw forbiddenObject({ group, plural: resource }, name, why);
      }
    },
  };
}

/** References that block their owner's deletion, and did not before. */
function newlyBlocking(object: JsonObject, oldObject: JsonObject | undefined): readonly JsonObject[] {
  const blocking = (of: JsonObject) =>
    objectsAt(of, 'metadata', 'ownerReferences').filter((one) => valueAt(one, 'blockOwnerDeletion') === true);
  const now = blocking(object);
  if (now.length === 0 || oldObject === undefined) return now;
  const before = new Set(blocking(oldObject).map((one) => stringAt(one, 'uid')));
  return now.filter((one) => !before.has(stringAt(one, 'uid')));
}

function groupVersionOf(apiVersion: string): [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
