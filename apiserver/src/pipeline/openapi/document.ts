import type { JsonObject } from '@quarterdeck/machinery';
import type { Verb } from '../../registry/definition.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import { shownSubresources } from '../discovery/resources.ts';
import { definitionName, metaPrefix } from './names.ts';
import { methods, type OperationOptions, operation } from './operations.ts';
import { commonSchemas, foreignSchema, resourceSchemas } from './schemas.ts';

/** The OpenAPI v3 document of one group version, from the registry. KA-21 to KA-25 */
export function openApiDocument(root: string, resources: readonly ResolvedResource[], version: string): JsonObject {
  const schemas = commonSchemas();
  const paths: JsonObject = {};
  for (const resource of resources) {
    Object.assign(schemas, resourceSchemas(resource));
    addPaths(paths, schemas, root, resource);
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes API of Quarterdeck', version },
    paths,
    components: { schemas },
  };
}

const parameter = (name: string, description: string): JsonObject => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', uniqueItems: true },
});
const nameParameter = parameter('name', 'Name of the object.');
const namespaceParameter = parameter('namespace', 'Namespace of the object.');

function addPaths(paths: JsonObject, schemas: JsonObject, root: string, resource: ResolvedResource): void {
  const { definition } = resource;
  const namespaced = definition.scope === 'Namespaced';
  const place = namespaced ? `${root}/namespaces/{namespace}` : root;
  const parameters = namespaced ? [namespaceParameter] : [];
  const collection = `${place}/${definition.plural}`;
  const item = `${collection}/{name}`;
  addPath(paths, collection, parameters, operations(resource, ['list', 'create', 'deletecollection'], 'Collection'));
  addPath(paths, item, [nameParameter, ...parameters], operations(resource, ['get', 'update', 'patch', 'delete'], ''));
  if (namespaced) {
    addPath(paths, `${root}/${definition.plural}`, [], operations(resource, ['list'], 'ForAllNamespaces'));
  }
  for (const subresource of shownSubresources(resource)) {
    // What a door to elsewhere takes and gives is described there.
    const served = resource.version.subresources[subresource.name];
    if (served?.type === 'connect') continue;
    const { kind } = subresource;
    const own = kind.group === definition.group && kind.kind === definition.kind;
    const schema = served?.type === 'action' ? served.schema : undefined;
    const name = own || schema !== undefined ? definitionName(resource, kind.kind) : foreignName(kind);
    if (!own) schemas[name] = foreignSchema(kind, schema);
    const suffix = subresource.name.charAt(0).toUpperCase() + subresource.name.slice(1);
    const shown = subresource.verbs.map((verb) => ({ verb, ...shape(resource, suffix, name), gvk: kind }));
    addPath(paths, `${item}/${subresource.name}`, [nameParameter, ...parameters], shown);
  }
}

function foreignName({ group, version, kind }: { group: string; version: string; kind: string }): string {
  return `io.k8s.api.${group === '' ? 'core' : group.split('.')[0]}.${version}.${kind}`;
}

function addPath(paths: JsonObject, path: string, parameters: JsonObject[], shown: readonly OperationOptions[]): void {
  if (shown.length === 0) return;
  const item: JsonObject = {};
  for (const options of shown) if (options.verb !== 'watch') item[methods[options.verb]] = operation(options);
  paths[path] = parameters.length === 0 ? item : { ...item, parameters };
}

function operations(resource: ResolvedResource, verbs: readonly Verb[], suffix: string): OperationOptions[] {
  const { definition } = resource;
  const list = definitionName(resource, definition.listKind);
  return verbs
    .filter((verb) => definition.verbs.includes(verb))
    .map((verb) => {
      const options = shape(resource, suffix, definitionName(resource));
      const answer =
        verb === 'list'
          ? list
          : verb === 'delete' || verb === 'deletecollection'
            ? `${metaPrefix}.Status`
            : options.answer;
      return { ...options, verb, answer };
    });
}

function shape(resource: ResolvedResource, suffix: string, definition: string): Omit<OperationOptions, 'verb'> {
  const { group, kind, scope } = resource.definition;
  const version = resource.version.name;
  const groupPart = group === '' ? 'Core' : capital(group.split('.')[0] ?? '');
  return {
    resource,
    id: `${groupPart}${capital(version)}${scope === 'Namespaced' ? 'Namespaced' : ''}${kind}${suffix}`,
    gvk: { group, version, kind },
    body: definition,
    answer: definition,
  };
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
