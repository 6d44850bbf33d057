import { apiVersionOf, invalid } from '@quarterdeck/apis';
import { decodeYaml, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, numberAt, objectAt, withValue } from '../../registry/fields.ts';
import { readBody } from '../body.ts';
import { agreeOnName } from '../names.ts';
import type { RequestScope } from '../scope.ts';
import type { ServedObject } from '../served.ts';
import { type UpdateWrite, updateObject } from '../write/update.ts';
import { parseWriteOptions } from '../write-options.ts';
import { merge, readConfiguration } from './apply.ts';

/** How the parent is scaled. */
interface Scaled extends Required<Pick<UpdateWrite, 'admittedForm'>> {
  /** To the replicas of the parent, in steps. */
  readonly path: readonly string[];
}

/**
 * Server-side apply of a Scale: the manager applies the replicas of the parent, and owns them there under the
 * subresource. A Scale without replicas gives them back. KA-65, KA-71
 * @param asScale the same request, as one for a Scale
 * @throws ApiError NotFound, Conflict, BadRequest, Invalid
 */
export async function applyScaleConfiguration(
  scope: RequestScope,
  asScale: RequestScope,
  { path, admittedForm }: Scaled,
): Promise<ServedObject> {
  const options = parseWriteOptions(scope.request, 'ApplyOptions');
  const document = decodeYaml(await readBody(scope.request));
  const scale = agreeOnName(asScale, readConfiguration(asScale, options, document));
  const config = parentOf(scope, scale, path);
  const transform = (live: JsonObject) => merge(scope, options, live, config);
  return await updateObject(scope, { options, replaces: false, tracked: true, transform, admittedForm });
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
  refuseReplicas(scope.info.name, scale);
  return withValue(parent, replicasPath, replicas);
}

/** @throws ApiError Invalid for fewer than no replicas */
export function refuseReplicas(name: string, scale: JsonObject): void {
  const replicas = numberAt(scale, 'spec', 'replicas') ?? 0;
  if (replicas >= 0) return;
  throw invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
    invalidField('spec.replicas', replicas, 'must be greater than or equal to 0'),
  ]);
}
