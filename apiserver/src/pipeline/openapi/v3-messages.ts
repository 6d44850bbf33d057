import { isJsonObject, type JsonValue } from '@quarterdeck/machinery';
import { type Message, type Shape, strings, within } from './message-shapes.ts';

const reference: Message = { fields: [[1, '$ref', 'string']], extensions: undefined };

/** Either the thing itself or a reference to it: a message of two, of which one is set. */
const orReference = (message: () => Message): Shape => ({
  choose: (value) =>
    isJsonObject(value) && '$ref' in value ? within(2, { message: () => reference }) : within(1, { message }),
});
const schema = orReference(() => schemaMessage);

/** A default says even that it is zero, false or empty; of an object or a list nothing is said but that there is one. */
function defaultShape(value: JsonValue): Shape {
  switch (typeof value) {
    case 'number':
    case 'bigint':
      return within(1, { present: 'double' });
    case 'boolean':
      return within(2, { present: 'bool' });
    case 'string':
      return within(3, { present: 'string' });
    default:
      return 'empty';
  }
}

function additionalShape(value: JsonValue): Shape {
  return typeof value === 'boolean' ? within(2, { present: 'bool' }) : within(1, schema);
}

const schemaMessage: Message = {
  fields: [
    [1, 'nullable', 'bool'],
    [3, 'readOnly', 'bool'],
    [4, 'writeOnly', 'bool'],
    [7, 'example', 'any'],
    [8, 'deprecated', 'bool'],
    [9, 'title', 'string'],
    [10, 'multipleOf', 'double'],
    [11, 'maximum', 'double'],
    [12, 'exclusiveMaximum', 'bool'],
    [13, 'minimum', 'double'],
    [14, 'exclusiveMinimum', 'bool'],
    [15, 'maxLength', 'integer'],
    [16, 'minLength', 'integer'],
    [17, 'pattern', 'string'],
    [18, 'maxItems', 'integer'],
    [19, 'minItems', 'integer'],
    [20, 'uniqueItems', 'bool'],
    [21, 'maxProperties', 'integer'],
    [22, 'minProperties', 'integer'],
    [23, 'required', strings],
    [24, 'enum', { each: 'any' }],
    [25, 'type', 'string'],
    [26, 'allOf', { each: schema }],
    [27, 'oneOf', { each: schema }],
    [28, 'anyOf', { each: schema }],
    [29, 'not', { message: () => schemaMessage }],
    [30, 'items', within(1, { each: schema })],
    [31, 'properties', within(1, { named: schema })],
    [32, 'additionalProperties', { choose: additionalShape }],
    [33, 'default', { choose: defaultShape }],
    [34, 'description', 'string'],
    [35, 'format', 'string'],
  ],
  extensions: 36,
};

const mediaType: Message = { fields: [[1, 'schema', schema]], extensions: 5 };
const content: Shape = within(1, { named: { message: () => mediaType } });

const parameterMessage: Message = {
  fields: [
    [1, 'name', 'string'],
    [2, 'in', 'string'],
    [3, 'description', 'string'],
    [4, 'required', 'bool'],
    [10, 'schema', schema],
  ],
  extensions: 14,
};
const parameters: Shape = { each: orReference(() => parameterMessage) };

const bodyMessage: Message = {
  fields: [
    [1, 'description', 'string'],
    [2, 'content', content],
    [3, 'required', 'bool'],
  ],
  extensions: 4,
};

const responseMessage: Message = {
  fields: [
    [1, 'description', 'string'],
    [3, 'content', content],
  ],
  extensions: 5,
};

const operationMessage: Message = {
  fields: [
    [1, 'tags', strings],
    [2, 'summary', 'string'],
    [3, 'description', 'string'],
    [5, 'operationId', 'string'],
    [6, 'parameters', parameters],
    [7, 'requestBody', orReference(() => bodyMessage)],
    [8, 'responses', within(2, { named: orReference(() => responseMessage) })],
    [10, 'deprecated', 'bool'],
  ],
  extensions: 13,
};
const operation: Shape = { message: () => operationMessage };

const pathMessage: Message = {
  fields: [
    [4, 'get', operation],
    [5, 'put', operation],
    [6, 'post', operation],
    [7, 'delete', operation],
    [8, 'options', operation],
    [9, 'head', operation],
    [10, 'patch', operation],
    [13, 'parameters', parameters],
  ],
  extensions: 14,
};

const infoMessage: Message = {
  fields: [
    [1, 'title', 'string'],
    [2, 'description', 'string'],
    [6, 'version', 'string'],
  ],
  extensions: 7,
};

const componentsMessage: Message = {
  fields: [[1, 'schemas', within(1, { named: schema })]],
  extensions: 10,
};

/** Messages of gnostic's `openapi.v3`, as far as the server's documents use them: JSON key, field number, form. KA-21b */
export const v3DocumentMessage: Message = {
  fields: [
    [1, 'openapi', 'string'],
    [2, 'info', { message: () => infoMessage }],
    [4, 'paths', within(1, { named: { message: () => pathMessage } })],
    [5, 'components', { message: () => componentsMessage }],
  ],
  extensions: 9,
};
