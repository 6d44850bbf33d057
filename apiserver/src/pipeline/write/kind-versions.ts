import { apiVersionOf } from '@quarterdeck/apis';
import { type JsonObject, type ObjectVersion, pruneValue, type Versions } from '@quarterdeck/machinery';
import type { ObjectForm, ResourceDefinition, VersionDefinition } from '../../registry/definition.ts';
import { storageName } from '../../registry/registry.ts';
import { converted } from '../convert.ts';
import type { RequestScope } from '../scope.ts';

/**
 * The served API versions that the objects of a request can be seen in, so that what managers own in one is compared
 * with what they own in another. Views count too: a core Event is an Event of events.k8s.io. KA-79
 */
export function versionsOf({ server, resource }: VersionsScope): Versions {
  const { definition } = resource;
  return (apiVersion) => {
    for (const kin of kinOf(definition, server)) {
      const version = kin.versions.find(
        ({ name, served }) => served && apiVersionOf({ group: kin.group, version: name }) === apiVersion,
      );
      if (version !== undefined) return objectVersion(kin, version, [definition, ...kinOf(definition, server)]);
    }
    return undefined;
  };
}

interface VersionsScope {
  readonly server: Pick<RequestScope['server'], 'registry'>;
  readonly resource: Pick<RequestScope['resource'], 'definition'>;
}

/** The kind itself, and all that show the same stored objects. */
function kinOf(definition: ResourceDefinition, { registry }: VersionsScope['server']): readonly ResourceDefinition[] {
  const stored = storageName(definition);
  return registry.list().filter((other) => storageName(other) === stored);
}

/** Versions of a custom kind differ by their schemas alone, or by what a webhook says; views and forms by their fields. KA-106 */
function objectVersion(
  target: ResourceDefinition,
  version: VersionDefinition,
  kin: readonly ResourceDefinition[],
): ObjectVersion {
  const apiVersion = apiVersionOf({ group: target.group, version: version.name });
  return {
    schema: version.schema,
    convert(object) {
      const source = kin.find(({ group }) => group === groupOf(object)) ?? target;
      const given = source.versions.find(
        ({ name }) => apiVersionOf({ group: source.group, version: name }) === object.apiVersion,
      );
      const from = given?.form ?? source.storedAs;
      const to = version.form ?? target.storedAs;
      const { webhook } = source.conversion ?? {};
      const shown =
        webhook !== undefined
          ? converted(webhook, object, apiVersion)
          : from === to
            ? object
            : throughStored(object, from, to);
      return pruneValue({ ...shown, apiVersion }, version.schema, { isRoot: true }).value;
    },
  };
}

function throughStored(object: JsonObject, from: ObjectForm | undefined, to: ObjectForm | undefined): JsonObject {
  const stored = from?.toStored(object) ?? object;
  return to?.fromStored(stored) ?? stored;
}

function groupOf({ apiVersion }: JsonObject): string {
  const text = String(apiVersion);
  const slash = text.indexOf('/');
  return slash < 0 ? '' : text.slice(0, slash);
}
