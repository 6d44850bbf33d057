import { isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import { type Message, type Shape, strings, within } from './message-shapes.ts';

const schema: Shape = { message: () => schemaMessage };

const schemaMessage: Message = {
  fields: [
    [1, '$ref', 'string'],
    [2, 'format', 'string'],
    [3, 'title', 'string'],
    [4, 'description', 'string'],
    [5, 'default', 'any'],
    [6, 'multipleOf', 'double'],
    [7, 'maximum', 'double'],
    [8, 'exclusiveMaximum', 'bool'],
    [9, 'minimum', 'double'],
    [10, 'exclusiveMinimum', 'bool'],
    [11, 'maxLength', 'integer'],
    [12, 'minLength', 'integer'],
    [13, 'pattern', 'string'],
    [14, 'maxItems', 'integer'],
    [15, 'minItems', 'integer'],
    [16, 'uniqueItems', 'bool'],
    [17, 'maxProperties', 'integer'],
    [18, 'minProperties', 'integer'],
    [19, 'required', strings],
    [20, 'enum', { each: 'any' }],
    [
      21,
      'additionalProperties',
      { choose: (value) => (typeof value === 'boolean' ? within(2, 'bool') : within(1, schema)) },
    ],
    [22, 'type', within(1, strings)],
    [23, 'items', within(1, { each: schema })],
    [25, 'properties', within(1, { named: schema })],
    [30, 'example', 'any'],
  ],
  extensions: 31,
};

const bodyParameter: Message = {
  fields: [
    [1, 'description', 'string'],
    [2, 'name', 'string'],
    [3, 'in', 'string'],
    [4, 'required', 'bool'],
    [5, 'schema', schema],
  ],
  extensions: 6,
};

const queryParameter: Message = {
  fields: [
    [1, 'required', 'bool'],
    [2, 'in', 'string'],
    [3, 'description', 'string'],
    [4, 'name', 'string'],
    [6, 'type', 'string'],
    [7, 'format', 'string'],
    [20, 'uniqueItems', 'bool'],
    [21, 'enum', { each: 'any' }],
  ],
  extensions: 23,
};

const pathParameter: Message = {
  fields: [
    [1, 'required', 'bool'],
    [2, 'in', 'string'],
    [3, 'description', 'string'],
    [4, 'name', 'string'],
    [5, 'type', 'string'],
    [6, 'format', 'string'],
    [19, 'uniqueItems', 'bool'],
    [20, 'enum', { each: 'any' }],
  ],
  extensions: 22,
};

function parameterShape(value: JsonValue): Shape {
  switch (isJsonObject(value) ? value.in : undefined) {
    case 'body':
      return within(1, { message: () => bodyParameter });
    case 'path':
      return within(2, within(4, { message: () => pathParameter }));
    default:
      return within(2, within(3, { message: () => queryParameter }));
  }
}
const parameters: Shape = { each: within(1, { choose: parameterShape }) };

const responseMessage: Message = {
  fields: [
    [1, 'description', 'string'],
    [2, 'schema', within(1, schema)],
  ],
  extensions: 5,
};

const operationMessage: Message = {
  fields: [
    [1, 'tags', strings],
    [2, 'summary', 'string'],
    [3, 'description', 'string'],
    [5, 'operationId', 'string'],
    [6, 'produces', strings],
    [7, 'consumes', strings],
    [8, 'parameters', parameters],
    [9, 'responses', within(1, { named: within(1, { message: () => responseMessage }) })],
    [11, 'deprecated', 'bool'],
  ],
  extensions: 13,
};
const operation: Shape = { message: () => operationMessage };

const pathMessage: Message = {
  fields: [
    [2, 'get', operation],
    [3, 'put', operation],
    [4, 'post', operation],
    [5, 'delete', operation],
    [6, 'options', operation],
    [7, 'head', operation],
    [8, 'patch', operation],
    [9, 'parameters', parameters],
  ],
  extensions: 10,
};

const infoMessage: Message = {
  fields: [
    [1, 'title', 'string'],
    [2, 'version', 'string'],
    [3, 'description', 'string'],
  ],
  extensions: 7,
};

/** Messages of gnostic's `openapi.v2`, as far as the server's documents use them: JSON key, field number, form. KA-26b */
export const documentMessage: Message = {
  fields: [
    [1, 'swagger', 'string'],
    [2, 'info', { message: () => infoMessage }],
    [8, 'paths', within(2, { named: { message: () => pathMessage } })],
    [9, 'definitions', within(1, { named: schema })],
  ],
  extensions: 16,
};
