import type { JsonObject } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { encodeOpenApiV3 } from './swagger-protobuf.ts';

const document: JsonObject = {
  openapi: '3.0.0',
  info: { title: 'T', version: 'v1' },
  paths: {
    '/a/{name}': {
      get: {
        tags: ['t'],
        description: 'd',
        operationId: 'readA',
        parameters: [{ name: 'q', in: 'query', description: 'Q', schema: { type: 'boolean', uniqueItems: true } }],
        responses: {
          '200': { description: 'OK', content: { 'application/json': { schema: { $ref: '#/components/schemas/A' } } } },
          '401': { description: 'Unauthorized' },
        },
        'x-kubernetes-action': true,
        'x-kubernetes-group-version-kind': 1,
      },
      patch: {
        operationId: 'patchA',
        requestBody: {
          content: { 'application/json-patch+json': { schema: { $ref: '#/components/schemas/A' } } },
          required: true,
        },
        responses: { '200': { description: 'OK' } },
      },
      parameters: [
        { name: 'name', in: 'path', required: true, description: 'N', schema: { type: 'string', uniqueItems: true } },
      ],
    },
  },
  components: {
    schemas: {
      A: {
        description: 'An A.',
        type: 'object',
        required: ['n'],
        properties: {
          n: {
            type: 'integer',
            format: 'int32',
            default: 0,
            minimum: 1.5,
            maximum: 0,
            maxLength: 300,
            enum: [1, '3'],
            nullable: true,
          },
          s: { type: 'string', default: '', pattern: '^a' },
          b: { type: 'boolean', default: false },
          l: { type: 'array', default: [], items: { default: {}, allOf: [{ $ref: '#/components/schemas/A' }] } },
          m: { type: 'object', additionalProperties: { type: 'string', default: 'x' } },
          o: { type: 'object', additionalProperties: true, not: { required: ['z'] } },
          i: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        },
        'x-n': 5,
      },
    },
  },
};

/** What gnostic v0.7.0 makes of the same document, marshalled deterministically. */
const gnostic = [
  '0a05332e302e3012070a01543202763122ef020aec020a092f612f7b6e616d657d12de0222d6010a01741a01642a05726561644132200a',
  '1e0a0171120571756572791a0151520f0a0da00101ca0107626f6f6c65616e425c12410a03323030123a0a380a024f4b1a320a300a1061',
  '70706c69636174696f6e2f6a736f6e121c0a1a12180a16232f636f6d706f6e656e74732f736368656d61732f4112170a0334303112100a',
  '0e0a0c556e617574686f72697a65646a1e0a13782d6b756265726e657465732d616374696f6e12071205747275650a6a270a1f782d6b75',
  '6265726e657465732d67726f75702d76657273696f6e2d6b696e6412041202310a525e2a067061746368413a430a41123d0a3b0a1b6170',
  '706c69636174696f6e2f6a736f6e2d70617463682b6a736f6e121c0a1a12180a16232f636f6d706f6e656e74732f736368656d61732f41',
  '1801420f120d0a0332303012060a040a024f4b6a230a210a046e616d651204706174681a014e2001520e0a0ca00101ca0106737472696e',
  '672afe020afb020af8020a014112f2020aef02ba01016eca01066f626a656374fa01c8020a430a016e123e0a3c080169000000000000f8',
  '3f78ac02c201041202310ac2010612042233220aca0107696e74656765728a02090900000000000000009a0205696e7433320a1a0a0173',
  '12150a138a01025e61ca0106737472696e678a02021a000a160a016212110a0fca0107626f6f6c65616e8a020210000a390a016c12340a',
  '32ca01056172726179f201240a220a20d2011a12180a16232f636f6d706f6e656e74732f736368656d61732f418a02008a02000a260a01',
  '6d12210a1fca01066f626a6563748202130a110a0fca0106737472696e678a02031a01780a1c0a016f12170a15ca01066f626a656374ea',
  '0104ba01017a82020210010a4c0a016912470a45e2010c0a0aca0107696e7465676572e2010b0a09ca0106737472696e67a202250a1a78',
  '2d6b756265726e657465732d696e742d6f722d737472696e6712071205747275650a920205416e20412ea2020b0a03782d6e1204120235',
  '0a',
].join('');

test('KA-21b a document has the bytes that gnostic writes', () => {
  expect(Buffer.from(encodeOpenApiV3(document)).toString('hex')).toBe(gnostic);
});
