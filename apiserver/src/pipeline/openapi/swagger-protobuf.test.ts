import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { encodeSwagger } from './swagger-protobuf.ts';

const document: JsonObject = {
  swagger: '2.0',
  info: {
    title: 'T',
    version: 'v1',
  },
  paths: {
    '/a/{name}': {
      get: {
        tags: ['t'],
        description: 'd',
        operationId: 'readA',
        produces: ['application/json'],
        consumes: ['*/*'],
        parameters: [
          {
            name: 'q',
            in: 'query',
            description: 'Q',
            type: 'boolean',
            uniqueItems: true,
          },
          {
            name: 'body',
            in: 'body',
            required: true,
            schema: {
              $ref: '#/definitions/A',
            },
          },
        ],
        responses: {
          '200': {
            description: 'OK',
            schema: {
              $ref: '#/definitions/A',
            },
          },
        },
      },
      parameters: [
        {
          name: 'name',
          in: 'path',
          required: true,
          type: 'string',
        },
      ],
    },
  },
  definitions: {
    A: {
      description: 'An A.',
      type: 'object',
      required: ['n'],
      properties: {
        n: {
          type: 'integer',
          format: 'int32',
          default: 3,
          minimum: 1.5,
          maxLength: 300,
          enum: [1, 3],
        },
        l: {
          type: 'array',
          items: {
            type: 'string',
            pattern: '^a',
          },
        },
        m: {
          type: 'object',
          additionalProperties: {
            type: 'string',
          },
        },
        o: {
          type: 'object',
          additionalProperties: true,
        },
      },
      'x-n': 5,
    },
  },
};

/** What gnostic v0.7.0 makes of the same document, marshalled deterministically. */
const gnostic = [
  '0a03322e3012070a01541202763142c40112c1010a092f612f7b6e616d657d12b3011292010a01741a01642a057265616441',
  '32106170706c69636174696f6e2f6a736f6e3a032a2f2a421f0a1d121b1a19120571756572791a01512201713207626f6f6c',
  '65616ea0010142250a230a211204626f64791a04626f647920012a110a0f232f646566696e6974696f6e732f414a240a220a',
  '03323030121b0a190a024f4b12130a110a0f232f646566696e6974696f6e732f414a1c0a1a12182216080112047061746822',
  '046e616d652a06737472696e674ac9010ac6010a014112c0012205416e20412e9a01016eb201080a066f626a656374ca0198',
  '010a380a016e12331205696e7433322a041202330a49000000000000f83f58ac02a201041202310aa201041202330ab20109',
  '0a07696e74656765720a230a016c121eb201070a056172726179ba01110a0f6a025e61b201080a06737472696e670a200a01',
  '6d121baa010d0a0bb201080a06737472696e67b201080a066f626a6563740a150a016f1210aa01021001b201080a066f626a',
  '656374fa010b0a03782d6e12041202350a',
].join('');

test('KA-26b a document has the bytes that gnostic writes', () => {
  expect(Buffer.from(encodeSwagger(document)).toString('hex')).toBe(gnostic);
});

test('KA-26b what has another type than its field is left out', () => {
  const wrong = { swagger: 2, info: 'none', definitions: { A: { type: 'object', maxLength: 'many' } } };
  const right = { definitions: { A: { type: 'object' } } };
  expect(encodeSwagger(wrong)).toEqual(encodeSwagger(right));
});
