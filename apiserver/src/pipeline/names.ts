import { badRequest } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { objectAt, stringAt, withValue } from '../registry/fields.ts';
import { storageName } from '../registry/registry.ts';
import type { StorageKey } from '../storage/storage.ts';
import type { RequestScope } from './scope.ts';

/** Where the object of this name is stored. */
export function keyOf(scope: Pick<RequestScope, 'resource' | 'info'>, name: string = scope.info.name): StorageKey {
  const { definition } = scope.resource;
  const namespace = definition.scope === 'Namespaced' ? scope.info.namespace : '';
  return { resource: storageName(definition), namespace, name };
}

/**
 * Path and body must agree on name and namespace; a namespace that the body leaves out the path fills in. KA-46
 * @throws ApiError BadRequest
 */
export function agreeOnName(scope: Pick<RequestScope, 'resource' | 'info'>, object: JsonObject): JsonObject {
  const { definition } = scope.resource;
  const meta = objectAt(object, 'metadata');
  const name = stringAt(meta, 'name');
  if (scope.info.item && name === '') {
    throw badRequest(
      `the name of the object (${scope.info.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (scope.info.item && name !== scope.info.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${scope.info.name})`);
  }
  if (definition.scope === 'Cluster') return withValue(object, ['metadata', 'namespace'], undefined);
  const namespace = stringAt(meta, 'namespace');
  if (namespace !== '' && namespace !== scope.info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return namespace === '' ? withValue(object, ['metadata', 'namespace'], scope.info.namespace) : object;
}

const alphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** KA-45 */
export function generateName(base: string, random: () => number): string {
  const suffix = Array.from({ length: 5 }, () => alphabet.charAt(Math.floor(random() * alphabet.length))).join('');
  return `${base.slice(0, 58)}${suffix}`;
}
