import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';

/** OpenAPI v3 documents as one Swagger 2.0 document, for clients that still read it. KA-26 */
export function toSwagger(documents: readonly JsonObject[], version: string): JsonObject {
  const definitions: JsonObject = {};
  const paths: JsonObject = {};
  for (const document of documents) {
    Object.assign(definitions, convertEach(schemasOf(document), convertSchema));
    Object.assign(paths, convertEach(objectOf(document.paths), convertPath));
  }
  return { swagger: '2.0', info: { title: 'Kubernetes API of Quarterdeck', version }, paths, definitions };
}

const objectOf = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {});
const schemasOf = (document: JsonObject) => objectOf(objectOf(document.components).schemas);

function convertEach(values: JsonObject, convert: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, convert(value)]));
}

/** What Swagger 2.0 has no word for is left out; it only tells less then. */
const unknownToSwagger = new Set(['nullable', 'anyOf', 'oneOf', 'not', 'allOf', '$ref']);

function convertSchema(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const reference = referenceOf(value);
  const rest = Object.fromEntries(Object.entries(value).filter(([key]) => !unknownToSwagger.has(key)));
  return {
    ...rest,
    ...(reference === undefined ? {} : { $ref: reference }),
    ...(isJsonObject(value.properties) ? { properties: convertEach(value.properties, convertSchema) } : {}),
    ...(value.items === undefined ? {} : { items: convertSchema(value.items) }),
    ...(value.additionalProperties === undefined
      ? {}
      : { additionalProperties: convertSchema(value.additionalProperties) }),
  };
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
