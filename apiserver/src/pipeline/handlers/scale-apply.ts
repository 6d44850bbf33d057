import { apiVersionOf, badRequest, invalid } from '@quarterdeck/apis';
import { decodeYaml, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, numberAt, objectAt, withValue } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { agreeOnName } from '../names.ts';
import type { RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';
import { updateObject } from '../write/update.ts';
import { parseWriteOptions } from '../write-options.ts';
import { checkAppliedType, merge } from './patch.ts';

/**
 * Server-side apply of a Scale: the manager applies the replicas of the parent, and owns them there under the
 * subresource. A Scale without replicas gives them back. KA-65, KA-71
 * @param replicasPath of the parent, in steps
 * @throws ApiError NotFound, Conflict, BadRequest, Invalid
 */
export async function applyScaleConfiguration(
  scope: RequestScope,
  replicasPath: readonly string[],
): Promise<ServedObject> {
  const options = parseWriteOptions(scope.request, 'ApplyOptions');
  const { value: scale } = decodeYaml(await readBody(scope.request));
  if (!isJsonObject(scale)) throw badRequest('the applied configuration must be an object');
  checkAppliedType(scale, { group: 'autoscaling', version: 'v1', kind: 'Scale' });
  agreeOnName(scope, scale);
  const config = parentOf(scope, scale, replicasPath);
  const transform = (live: JsonObject) => merge(scope, options, live, config);
  return updateObject(scope, { options, replaces: false, tracked: true, transform });
}

function parentOf(scope: RequestScope, scale: JsonObject, replicasPath: readonly string[]): JsonObject {
  const { definition, version } = scope.resource;
  const { resourceVersion, uid } = objectAt(scale, 'metadata');
  const parent: JsonObject = {
    apiVersion: apiVersionOf({ group: definition.group, version: version.name }),
    kind: definition.kind,
    metadata: {
      name: scope.info.name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
  const replicas = numberAt(scale, 'spec', 'replicas');
  if (replicas === undefined) return parent;
  if (!Number.isInteger(replicas) || replicas < 0) {
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, scope.info.name, [
      invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ]);
  }
  return withValue(parent, replicasPath, replicas);
}
