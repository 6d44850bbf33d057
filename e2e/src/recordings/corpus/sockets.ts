import { frames, get, patch, post, remove, type Scenario, scenario, silently, socket } from '../step.ts';
import { configMap, configMaps, crd, established, object, schemaOf } from './objects.ts';

const labelled = (name: string) => silently(post(configMaps, configMap(name, { k: '1' }, { labels: { t: '1' } })));
const change = silently(patch('merge', `${configMaps}/a`, { data: { k: '2' } }));
const gone = (name: string) => silently(remove(`${configMaps}/${name}`));
const at = (query: string) => `${configMaps}?watch=true&labelSelector=t&${query}`;
const quiet = `${configMaps}?watch=true&labelSelector=none`;

/** A frame as clients send it: masked, here with zeros. */
const clientFrame = (first: number, payload: readonly number[] = []) =>
  Uint8Array.from([first, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
const text = (words: string) => clientFrame(0x81, [...Buffer.from(words)]);
const ping = clientFrame(0x89, [...Buffer.from('hi')]);
const pong = clientFrame(0x8a);
const closing = (code?: number) => clientFrame(0x88, code === undefined ? [] : [code >> 8, code & 0xff]);

type Saying = readonly [name: string, octets: Uint8Array];
const hush: readonly Saying[] = [
  ['pong', pong],
  ['text', text('hello')],
  ['reserved', clientFrame(0xc1, [0x21])],
  ['unknown', clientFrame(0x83, [0x21])],
];
const spoken: readonly Saying[] = [
  ['close', closing(1000)],
  ['leave', closing(1001)],
  ['bare', closing()],
  ['unmasked', Uint8Array.of(0x89, 0)],
];

const ticks = '/apis/sockets.recordings.io/v1/namespaces/{ns}/ticks';

/** Watches over WebSocket. KA-85b */
export const sockets: readonly Scenario[] = [
  scenario(
    'socket-events',
    labelled('a'),
    get(`${configMaps}/a`, { capture: { rv: 'metadata.resourceVersion' } }),
    socket('plain', at('resourceVersion={rv}')),
    socket('initial', at('sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true')),
    socket('table', at('resourceVersion={rv}'), { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }),
    socket('metadata', at('resourceVersion={rv}'), {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    }),
    socket('protobuf', at('resourceVersion={rv}'), { accept: 'application/vnd.kubernetes.protobuf' }),
    socket('stream', at('resourceVersion={rv}'), { accept: 'application/vnd.kubernetes.protobuf;stream=watch' }),
    socket('either', at('resourceVersion={rv}'), { accept: 'application/vnd.kubernetes.protobuf, */*' }),
    socket('yaml', at('resourceVersion={rv}'), { accept: 'application/yaml' }),
    socket('html', at('resourceVersion={rv}'), { accept: 'text/html' }),
    socket('pretty', at('resourceVersion={rv}&pretty=true')),
    socket('legacy', '/api/v1/watch/namespaces/{ns}/configmaps?labelSelector=t&resourceVersion={rv}'),
    socket('legacy-one', '/api/v1/watch/namespaces/{ns}/configmaps/a?resourceVersion={rv}'),
    socket('named', `${configMaps}/a?watch=true&resourceVersion={rv}`),
    change,
    gone('a'),
    ...['plain', 'initial', 'table', 'metadata', 'protobuf', 'stream', 'either', 'pretty', 'legacy', 'legacy-one'].map(
      (name) => frames(name, name === 'initial' ? 4 : 2),
    ),
    frames('named', 2),
  ),
  scenario(
    'socket-custom',
    ...established(
      crd({
        group: 'sockets.recordings.io',
        plural: 'ticks',
        kind: 'Tick',
        properties: { spec: schemaOf.object({ n: schemaOf.integer }) },
      }),
    ),
    socket('json', `${ticks}?watch=true`),
    socket('protobuf', `${ticks}?watch=true`, { accept: 'application/vnd.kubernetes.protobuf' }),
    socket('either', `${ticks}?watch=true`, { accept: 'application/vnd.kubernetes.protobuf, application/json' }),
    silently(post(ticks, object('sockets.recordings.io/v1', 'Tick', 'a', { spec: { n: 1 } }))),
    frames('json', 1),
    frames('either', 1),
    silently(remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ticks.sockets.recordings.io')),
    frames('json', 3),
  ),
  scenario(
    'socket-protocols',
    ...[
      'base64.binary.k8s.io',
      'binary.k8s.io',
      'base64.channel.k8s.io',
      'channel.k8s.io',
      'v4.channel.k8s.io',
      'v5.channel.k8s.io',
      'odd',
      'a, b',
      'base64.binary.k8s.io, binary.k8s.io',
      ' , ',
      'base64url.bearer.authorization.k8s.io.bm9ib2R5, odd',
      'base64url.bearer.authorization.k8s.io.bm9ib2R5',
    ].map((protocol, index) => socket(`p${index}`, at('resourceVersion=0'), { 'sec-websocket-protocol': protocol })),
    labelled('a'),
    ...[0, 1, 2, 3, 4, 5, 6].map((index) => frames(`p${index}`, 1)),
  ),
  scenario(
    'socket-opening',
    socket('x', quiet, { 'sec-websocket-key': '' }),
    socket('x', quiet, { 'sec-websocket-key': 'short' }),
    socket('x', quiet, { 'sec-websocket-version': '' }),
    socket('x', quiet, { 'sec-websocket-version': '8' }),
    socket('x', quiet, { 'sec-websocket-version': '13, 8' }),
    socket('x', quiet, { origin: '' }),
    socket('x', quiet, { origin: 'null' }),
    socket('x', quiet, { origin: '/a/path' }),
    socket('x', quiet, { origin: 'page.example' }),
    socket('x', quiet, { upgrade: 'WebSocket' }),
    socket('x', quiet, { connection: 'keep-alive, upgrade' }),
    socket('x', quiet, { 'sec-websocket-extensions': 'permessage-deflate' }),
    socket('x', `${configMaps}?labelSelector=none`),
    socket('x', `${configMaps}/none`),
    socket('x', '/livez'),
    socket('x', '/api/v1/namespaces/{ns}/unknowns?watch=true'),
    socket('x', `${configMaps}?watch=true&resourceVersion=x`),
    socket('x', `${configMaps}?watch=true&fieldSelector=data.x%3D1`),
    socket('x', `${configMaps}?watch=true&sendInitialEvents=true`),
    socket('x', `${configMaps}?watch=true`, { 'impersonate-user': 'nobody' }),
    socket('x', `${configMaps}?watch=true&sendInitialEvents=true`, { 'sec-websocket-key': '' }),
    socket('x', `${configMaps}?watch=true`, { 'impersonate-user': 'nobody', 'sec-websocket-key': '' }),
    socket('x', `${configMaps}?watch=true`, { accept: 'application/yaml', origin: '' }),
  ),
  scenario(
    'socket-ends',
    socket('time', `${quiet}&timeoutSeconds=1`),
    frames('time', 2),
    socket('mark', `${quiet}&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=0`),
    socket('future', `${quiet}&resourceVersion=9000000000000000000&timeoutSeconds=1`),
    frames('future', 3),
    // Those that change nothing end when their time is over.
    ...hush.flatMap(([name, says]) => [socket(name, `${quiet}&timeoutSeconds=1`), frames(name, 3, says)]),
    ...spoken.flatMap(([name, says]) => [socket(name, quiet), frames(name, 3, says)]),
    socket('ping', quiet),
    frames('ping', 1, ping),
  ),
];
