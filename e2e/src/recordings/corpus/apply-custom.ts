import type { JsonObject } from '@quarterdeck/machinery';
import { apply, get, patch, post, put, type Scenario, scenario } from '../step.ts';
import { crd, established, object, schemaOf } from './objects.ts';

const { string, integer, object: obj, list } = schemaOf;
const group = 'apply.recordings.io';
const base = `/apis/${group}/v1/namespaces/{ns}/gadgets`;
const at = (name: string) => `${base}/${name}`;
const gadget = (spec: JsonObject, more: JsonObject = {}) => object(`${group}/v1`, 'Gadget', 'g', { spec, ...more });

const keyed = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name', 'protocol'] };
const definition = crd({
  group,
  plural: 'gadgets',
  kind: 'Gadget',
  properties: {
    spec: obj({
      size: { ...integer, default: 3 },
      replicas: integer,
      color: string,
      atomicList: list(string, { 'x-kubernetes-list-type': 'atomic' }),
      plainList: list(obj({ a: string, b: string })),
      set: list(string, { 'x-kubernetes-list-type': 'set' }),
      numbers: list(integer, { 'x-kubernetes-list-type': 'set' }),
      map: list(
        obj(
          {
            name: string,
            protocol: { type: 'string', default: 'TCP' },
            port: integer,
            deep: obj({ x: string, y: string }),
          },
          { required: ['name'] },
        ),
        keyed,
      ),
      granular: obj({ a: string, b: string }, { 'x-kubernetes-map-type': 'granular' }),
      atomicMap: obj({ a: string, b: string }, { 'x-kubernetes-map-type': 'atomic' }),
      strings: { type: 'object', additionalProperties: string },
      atomicStrings: { type: 'object', additionalProperties: string, 'x-kubernetes-map-type': 'atomic' },
      nested: { type: 'object', additionalProperties: obj({ v: string, w: string }) },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      half: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: string } },
      either: { 'x-kubernetes-int-or-string': true },
      maybe: { type: 'string', nullable: true },
      embedded: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    }),
    status: obj({
      replicas: integer,
      selector: string,
      conditions: list(obj({ type: string, status: string }, { required: ['type'] }), {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['type'],
      }),
    }),
  },
  version: {
    subresources: {
      status: {},
      scale: {
        specReplicasPath: '.spec.replicas',
        statusReplicasPath: '.status.replicas',
        labelSelectorPath: '.status.selector',
      },
    },
  },
});

const two = (first: JsonObject, second: JsonObject, third: JsonObject = {}) => [
  apply('one', at('g'), gadget(first)),
  apply('two', at('g'), gadget(second)),
  apply('two', at('g'), gadget(second), 'force=true'),
  apply('one', at('g'), gadget(third)),
  apply('two', at('g'), gadget({})),
];

/** Server-side apply on a kind with every list and map type. KA-71 to KA-79 */
export const applyCustom: readonly Scenario[] = [
  scenario('crd-setup', ...established(definition), apply('one', at('g'), gadget({ color: 'red' })), get(at('g'))),
  scenario('apply-atomic-list', ...two({ atomicList: ['a', 'b'] }, { atomicList: ['b'] }, { atomicList: ['z'] })),
  scenario('apply-plain-list', ...two({ plainList: [{ a: '1' }] }, { plainList: [{ b: '1' }] }, { plainList: [] })),
  scenario('apply-set', ...two({ set: ['a', 'b'] }, { set: ['b', 'c'] }, { set: ['b'] })),
  scenario(
    'apply-numbers',
    ...two({ numbers: [1, 2] }, { numbers: [2, 3] }, { numbers: [] }),
    apply('one', at('g'), gadget({ numbers: [1, 1] })),
  ),
  scenario(
    'apply-map',
    ...two(
      {
        map: [
          { name: 'a', port: 1 },
          { name: 'b', protocol: 'UDP', deep: { x: '1' } },
        ],
      },
      {
        map: [{ name: 'a', protocol: 'TCP', port: 2 }, { name: 'b', protocol: 'UDP', deep: { y: '1' } }, { name: 'c' }],
      },
      { map: [{ name: 'b', protocol: 'UDP' }] },
    ),
    apply('one', at('g'), gadget({ map: [{ name: 'a' }, { name: 'a' }] })),
    apply('one', at('g'), gadget({ map: [{ port: 1 }] })),
    apply('one', at('g'), gadget({ map: [{ name: 'a', port: 'x' }] })),
    apply('one', at('g'), gadget({ map: [null] })),
    apply('one', at('g'), gadget({ map: {} })),
    apply('one', at('g'), gadget({ map: null })),
  ),
  scenario(
    'apply-map-order',
    apply('one', at('g'), gadget({ map: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] })),
    apply('two', at('g'), gadget({ map: [{ name: 'c' }, { name: 'x' }, { name: 'a' }] })),
    apply('one', at('g'), gadget({ map: [{ name: 'c' }, { name: 'b' }] })),
    put(`${at('g')}?fieldManager=editor`, gadget({ map: [{ name: 'x', port: 9 }, { name: 'c' }, { name: 'n' }] })),
    get(at('g'), { capture: { rv: 'metadata.resourceVersion' } }),
    put(
      `${at('g')}?fieldManager=editor`,
      gadget(
        { map: [{ name: 'x', port: 9 }, { name: 'c' }, { name: 'n' }] },
        { metadata: { resourceVersion: '{rv}' } },
      ),
    ),
    apply('one', at('g'), gadget({ map: [{ name: 'x', port: 8 }] })),
  ),
  scenario('apply-granular', ...two({ granular: { a: '1' } }, { granular: { a: '2', b: '1' } }, {})),
  scenario('apply-atomic-map', ...two({ atomicMap: { a: '1' } }, { atomicMap: { b: '1' } }, { atomicMap: { a: '1' } })),
  scenario(
    'apply-strings',
    ...two({ strings: { a: '1', 'x.y/z': '1' } }, { strings: { a: '2', c: '1' } }, { strings: {} }),
  ),
  scenario(
    'apply-atomic-strings',
    ...two({ atomicStrings: { a: '1' } }, { atomicStrings: { b: '1' } }, { atomicStrings: {} }),
  ),
  scenario(
    'apply-nested',
    ...two({ nested: { k: { v: '1' } } }, { nested: { k: { v: '2' }, l: { w: '1' } } }, { nested: { k: {} } }),
  ),
  scenario(
    'apply-open',
    ...two({ open: { a: { b: 1 }, l: [1, { x: 1 }] } }, { open: { a: { b: '2', c: [] }, l: [1] } }, { open: {} }),
    ...two({ half: { known: 'x', other: 1 } }, { half: { known: 'y', other: 2.5 } }, { half: { third: null } }),
  ),
  scenario(
    'apply-scalars',
    ...two({ either: 1, maybe: 'x' }, { either: '1', maybe: null }, { size: 4 }),
    apply('one', at('g'), gadget({ size: 3 })),
    apply('one', at('g'), gadget({})),
    apply('one', at('g'), gadget({ size: 'x' })),
    apply('one', at('g'), gadget({ color: null })),
    apply('one', at('g'), gadget({ unknown: 1 })),
    apply('one', at('g'), gadget({ unknown: 1 }), 'fieldValidation=Strict'),
    apply('one', at('g'), gadget({ unknown: 1 }), 'fieldValidation=Ignore'),
    apply('one', at('g'), { ...gadget({}), extra: 1, metadata: { name: 'g', odd: 1 } }, 'fieldValidation=Strict'),
  ),
  scenario(
    'apply-embedded',
    ...two(
      { embedded: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' } } },
      { embedded: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'y' }, data: { b: '1' } } },
    ),
  ),
  scenario(
    'apply-status-scale',
    apply('one', at('g'), gadget({ replicas: 1 }, { status: { replicas: 7 } })),
    apply(
      'st',
      `${at('g')}/status`,
      gadget({ color: 'red' }, { status: { replicas: 1, conditions: [{ type: 'A', status: 'True' }] } }),
    ),
    apply('st2', `${at('g')}/status`, gadget({}, { status: { conditions: [{ type: 'A', status: 'False' }] } })),
    apply(
      'st2',
      `${at('g')}/status`,
      gadget({}, { status: { conditions: [{ type: 'A', status: 'False' }] } }),
      'force=true',
    ),
    patch('merge', `${at('g')}/status?fieldManager=hand`, {
      status: { selector: 'a=b' },
      spec: { color: 'no' },
      metadata: { labels: { a: 'b' } },
    }),
    get(`${at('g')}/scale`),
    patch('merge', `${at('g')}/scale?fieldManager=sc`, { spec: { replicas: 4 } }),
    apply('one', at('g'), gadget({ replicas: 1 })),
    apply('sc2', `${at('g')}/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'g' },
      spec: { replicas: 6 },
    }),
    apply(
      'sc2',
      `${at('g')}/scale`,
      { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'g' }, spec: { replicas: 6 } },
      'force=true',
    ),
    get(at('g')),
    apply('x', `${at('none')}/status`, object(`${group}/v1`, 'Gadget', 'none', { status: { replicas: 1 } })),
    apply('x', `${at('none')}/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'none' },
      spec: { replicas: 6 },
    }),
  ),
  scenario(
    'apply-update-after',
    apply('one', at('g'), gadget({ color: 'red', set: ['a'], map: [{ name: 'a', port: 1 }] })),
    get(at('g'), { capture: { rv: 'metadata.resourceVersion' } }),
    put(
      `${at('g')}?fieldManager=hand`,
      gadget(
        { color: 'blue', set: ['a', 'b'], map: [{ name: 'a', port: 2 }] },
        { metadata: { resourceVersion: '{rv}' } },
      ),
    ),
    apply('one', at('g'), gadget({ color: 'red', set: ['a'], map: [{ name: 'a', port: 1 }] })),
    apply('one', at('g'), gadget({ set: [], map: [] })),
    patch('json', `${at('g')}?fieldManager=hand`, [{ op: 'remove', path: '/spec/set' }]),
    patch('json', `${at('g')}?fieldManager=hand`, [{ op: 'add', path: '/spec/set', value: ['q', 'q'] }]),
    patch('merge', `${at('g')}?fieldManager=hand`, { spec: { atomicMap: { a: '1' }, open: { a: { b: [1] } } } }),
    patch('merge', `${at('g')}?fieldManager=hand2`, { spec: { atomicMap: { b: '1' }, open: { a: { c: 1 } } } }),
    post(
      `${base}?fieldManager=creator`,
      object(`${group}/v1`, 'Gadget', 'h', {
        spec: { map: [{ name: 'a' }], plainList: [{ a: '1' }], nested: { k: {} } },
        status: { replicas: 1 },
      }),
    ),
  ),
];
