import { encodeJson, isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';

/** OpenAPI v3 documents as one Swagger 2.0 document, for clients that still read it. KA-26 */
export function toSwagger(documents: readonly JsonObject[], version: string): JsonObject {
  const parts = documents.map(convertDocument);
  const paths: JsonObject = Object.assign({}, ...parts.map((part) => part.paths));
  const definitions: JsonObject = Object.assign({}, ...parts.map((part) => part.definitions));
  return { ...headOf(version), paths, definitions };
}

/** The same as JSON text. What was written before of a document is used again, since most change rarely. */
export function swaggerText(documents: readonly JsonObject[], version: string): string {
  const texts = documents.map(textsOf);
  const join = (maps: readonly ReadonlyMap<string, string>[]) =>
    [...new Map(maps.flatMap((map) => [...map])).entries()]
      .map(([key, text]) => `${encodeJson(key)}:${text}`)
      .join(',');
  const paths = join(texts.map((text) => text.paths));
  const definitions = join(texts.map((text) => text.definitions));
  return `${encodeJson(headOf(version)).slice(0, -1)},"paths":{${paths}},"definitions":{${definitions}}}`;
}

const headOf = (version: string): JsonObject => ({
  swagger: '2.0',
  info: { title: 'Kubernetes API of Quarterdeck', version },
});

interface Parts<T> {
  readonly paths: T;
  readonly definitions: T;
}

/** By the document, which is never changed. */
const converted = new WeakMap<JsonObject, Parts<JsonObject>>();
const written = new WeakMap<JsonObject, Parts<ReadonlyMap<string, string>>>();

function convertDocument(document: JsonObject): Parts<JsonObject> {
  const known = converted.get(document);
  if (known !== undefined) return known;
  const parts = {
    paths: convertEach(objectOf(document.paths), convertPath),
    definitions: convertEach(schemasOf(document), convertDefinition),
  };
  converted.set(document, parts);
  return parts;
}

function textsOf(document: JsonObject): Parts<ReadonlyMap<string, string>> {
  const known = written.get(document);
  if (known !== undefined) return known;
  const { paths, definitions } = convertDocument(document);
  const write = (values: JsonObject) =>
    new Map(Object.entries(values).map(([key, value]) => [key, encodeJson(value)] as const));
  const texts = { paths: write(paths), definitions: write(definitions) };
  written.set(document, texts);
  return texts;
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const schemasOf = (document: JsonObject) => objectOf(objectOf(document.components).schemas);

function convertEach(values: JsonObject, convert: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)]));
}

const gvk = 'x-kubernetes-group-version-kind';
const preserve = 'x-kubernetes-preserve-unknown-fields';

/** kubectl takes what a kind with properties does not name for an error, so one that is open says nothing of any. KA-25 */
function convertDefinition(value: JsonValue): JsonValue {
  const schema = objectOf(value);
  if (schema[gvk] === undefined || schema[preserve] !== true) return convertSchema(value);
  return { type: 'object', [gvk]: schema[gvk] };
}

/** What Swagger 2.0 has no word for is left out; it only tells less then. */
const unknownToSwagger = new Set(['nullable', 'anyOf', 'oneOf', 'not', 'allOf', '$ref']);

function convertSchema(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const reference = referenceOf(value);
  const { type, required, properties, items, additionalProperties, ...said } = value;
  const rest = Object.fromEntries(Object.entries(said).filter(([key]) => !unknownToSwagger.has(key)));
  // Readers of version 2 stumble over parts of what may also be null or anything else, and over lists without items.
  const isOpen = value.nullable === true || value[preserve] === true;
  const isTyped = value.nullable !== true && !(value[preserve] === true && type === 'object');
  const hasItems = items !== undefined && !isOpen;
  return {
    ...(type === undefined || !isTyped || (type === 'array' && !hasItems) ? {} : { type }),
    ...rest,
    ...requiredOf(required, objectOf(properties)),
    ...(reference === undefined ? {} : { $ref: reference }),
    ...(isJsonObject(properties) && !isOpen ? { properties: convertEach(properties, convertSchema) } : {}),
    ...(hasItems ? { items: convertSchema(items) } : {}),
    ...(additionalProperties === undefined ? {} : { additionalProperties: convertSchema(additionalProperties) }),
  };
}

/** A null cannot be told from a field that is not there, so what may be null is not required. */
function requiredOf(required: JsonValue | undefined, properties: JsonObject): JsonObject {
  if (!Array.isArray(required)) return {};
  const kept = required.filter((name) => objectOf(properties[String(name)]).nullable !== true);
  return kept.length === 0 ? {} : { required: kept };
}

/** `{allOf: [{$ref}]}` is how version 3 puts a description beside a reference. */
function referenceOf(schema: JsonObject): string | undefined {
  const first = Array.isArray(schema.allOf) && schema.allOf.length === 1 ? schema.allOf[0] : schema;
  const reference = objectOf(first).$ref;
  return typeof reference === 'string' ? reference.replace('#/components/schemas/', '#/definitions/') : undefined;
}

function convertPath(value: JsonValue): JsonValue {
  const { parameters, ...methods } = objectOf(value);
  return {
    ...convertEach(methods, convertOperation),
    ...(Array.isArray(parameters) ? { parameters: parameters.map(convertParameter) } : {}),
  };
}

function convertOperation(value: JsonValue): JsonValue {
  const { requestBody, parameters, responses, ...rest } = objectOf(value);
  const content = objectOf(objectOf(requestBody).content);
  const body = objectOf(Object.values(content)[0]).schema;
  const required = objectOf(requestBody).required === true;
  return {
    ...rest,
    consumes: Object.keys(content).length === 0 ? ['*/*'] : Object.keys(content),
    produces: ['application/json', 'application/yaml'],
    parameters: [
      ...(body === undefined ? [] : [{ name: 'body', in: 'body', required, schema: convertSchema(body) }]),
      ...(Array.isArray(parameters) ? parameters.map(convertParameter) : []),
    ],
    responses: convertEach(objectOf(responses), convertResponse),
  };
}

/** The schema's own words stand beside name and place. */
function convertParameter(value: JsonValue): JsonValue {
  const { schema, ...rest } = objectOf(value);
  return { ...rest, ...objectOf(schema) };
}

function convertResponse(value: JsonValue): JsonValue {
  const { content, ...rest } = objectOf(value);
  const schema = objectOf(objectOf(content)['application/json']).schema;
  return schema === undefined ? rest : { ...rest, schema: convertSchema(schema) };
}
