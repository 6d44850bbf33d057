import { expect, test } from 'vitest';
import { negotiate, type Offer, parseAccept, wantsPretty } from './accept.ts';

const builtin: Offer = { encodings: ['json', 'yaml', 'protobuf'], forms: ['Object', 'Table', 'PartialObjectMetadata'] };
const custom: Offer = { encodings: ['json', 'yaml'], forms: ['Object', 'Table', 'PartialObjectMetadata'] };
const json = { encoding: 'json', form: 'Object', metaVersion: 'v1', pretty: false };
const kubectl =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

test.each([
  { name: 'KA-31 no Accept takes anything', accept: undefined, offer: builtin, want: json },
  { name: 'KA-31 a wildcard takes JSON', accept: '*/*', offer: builtin, want: json },
  { name: 'KA-31 a partial wildcard takes JSON', accept: 'application/*', offer: builtin, want: json },
  { name: 'KA-31 YAML', accept: 'application/yaml', offer: builtin, want: { ...json, encoding: 'yaml' } },
  {
    name: 'KA-31 the higher quality wins',
    accept: 'application/yaml;q=0.1, application/json;q=0.9',
    offer: builtin,
    want: json,
  },
  {
    name: 'KA-31 q=0 refuses',
    accept: 'application/json;q=0, application/yaml',
    offer: builtin,
    want: { ...json, encoding: 'yaml' },
  },
  {
    name: 'KA-31 the first servable clause wins',
    accept: 'text/html, application/yaml, application/json',
    offer: builtin,
    want: { ...json, encoding: 'yaml' },
  },
  {
    name: 'KA-29 JSON beside protobuf answers in JSON',
    accept: 'application/vnd.kubernetes.protobuf,application/json',
    offer: builtin,
    want: json,
  },
  {
    name: 'KA-28 protobuf with a wildcard answers in JSON',
    accept: 'application/vnd.kubernetes.protobuf, */*',
    offer: builtin,
    want: json,
  },
  {
    name: 'KA-29 protobuf alone answers in protobuf',
    accept: 'application/vnd.kubernetes.protobuf',
    offer: builtin,
    want: { ...json, encoding: 'protobuf' },
  },
  { name: 'KA-32 what kubectl get asks', accept: kubectl, offer: custom, want: { ...json, form: 'Table' } },
  {
    name: 'KA-32 the older version',
    accept: 'application/json;g=meta.k8s.io;v=v1beta1;as=Table',
    offer: custom,
    want: { ...json, form: 'Table', metaVersion: 'v1beta1' },
  },
  {
    name: 'KA-34 a Table that is not offered falls to the next clause',
    accept: kubectl,
    offer: { ...custom, forms: ['Object'] },
    want: json,
  } as const,
  {
    name: 'KA-33 metadata, protobuf first',
    accept:
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json',
    offer: builtin,
    want: { ...json, encoding: 'protobuf', form: 'PartialObjectMetadata' },
  },
  {
    name: 'KA-33 metadata of a custom kind, protobuf first',
    accept:
      'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    offer: custom,
    want: { ...json, encoding: 'protobuf', form: 'PartialObjectMetadata' },
  },
  {
    name: 'KA-32 there is no Table in protobuf',
    accept:
      'application/vnd.kubernetes.protobuf;as=Table;g=meta.k8s.io;v=v1,application/json;as=Table;g=meta.k8s.io;v=v1',
    offer: builtin,
    want: { ...json, form: 'Table' },
  },
  {
    name: 'KA-11 unknown parameters count for nothing',
    accept: 'application/json;profile=nopeer;charset=utf-8',
    offer: custom,
    want: json,
  },
])('$name', ({ accept, offer, want }) => expect(negotiate(accept, offer as Offer, false)).toEqual(want));

test.each([
  { name: 'KA-31 an unknown type', accept: 'text/html', offer: builtin },
  { name: 'KA-29 protobuf of a custom kind', accept: 'application/vnd.kubernetes.protobuf', offer: custom },
  {
    name: 'KA-33 the list form of one object',
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    offer: builtin,
  },
  { name: 'KA-32 a form of another group', accept: 'application/json;as=Table;g=other;v=v1', offer: builtin },
  { name: 'KA-35 CBOR', accept: 'application/cbor', offer: builtin },
])('$name is 406', ({ accept, offer }) => {
  expect(() => negotiate(accept, offer, false)).toThrow(
    expect.objectContaining({ reason: 'NotAcceptable', code: 406 }),
  );
});

test('KA-31 malformed clauses are left out', () => {
  expect(parseAccept('nonsense, application/json;;q=x, a/b;c=d').map(({ name, q }) => ({ name, q }))).toEqual([
    { name: 'a/b', q: 1 },
  ]);
});

test.each([
  ['', 'curl/8.0', true],
  ['', 'Mozilla/5.0', true],
  ['', 'kubectl/v1.35', false],
  ['', undefined, false],
  ['pretty=true', 'kubectl/v1.35', true],
  ['pretty=false', 'curl/8.0', false],
])('KA-31b query "%s" from %s: pretty is %s', (query, agent, want) => {
  expect(wantsPretty(new URLSearchParams(query), agent)).toBe(want);
});
