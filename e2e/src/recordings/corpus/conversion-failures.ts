import type { JsonObject } from '@quarterdeck/machinery';
import { apply, events, get, patch, post, put, remove, type Scenario, silently, watch } from '../step.ts';
import { badNames } from './converter.ts';
import { address, converted, converting, host, place, specsOf } from './places.ts';

const broken = place('broken');
const stuck = place('stuck');

/** Webhooks that are not there, or cannot be trusted: a kind each. */
const unreachable: readonly (readonly [name: string, clientConfig: JsonObject])[] = [
  ['nobody', { url: 'https://127.0.0.1:1/convert', caBundle: '{webhookCa}' }],
  ['untrusted', { url: '{webhook}' }],
  ['unnamed', { url: 'https://localhost:{webhookPort}/convert', caBundle: '{webhookCa}' }],
  ['missing', { service: { namespace: '{ns}', name: 'missing' }, caBundle: '{webhookCa}' }],
];

/** Conversions that fail, each in its way. KA-106b */
export const conversionFailures: readonly Scenario[] = [
  converting(
    'conversion-failures',
    ...converted(broken),
    ...badNames.flatMap((name) => [
      silently(post(broken.at('v1'), broken.one('v1', name, address('h:1')))),
      get(broken.at('v2', name)),
    ]),
    patch('merge', broken.at('v2', 'bad-http-500'), { spec: { host: 'z' } }),
    put(broken.at('v2', 'bad-http-500'), broken.one('v2', 'bad-http-500', host('h', '1'), { resourceVersion: '1' })),
    apply('m', broken.at('v2', 'bad-http-500'), broken.one('v2', 'bad-http-500', host('h', '1'))),
    remove(broken.at('v2', 'bad-http-500')),
    get(broken.at('v1', 'bad-http-500')),
    remove(broken.at('v1', 'bad-http-500')),
    post(broken.at('v2'), broken.one('v2', 'bad-http-500', host('h', '1'))),
    get(broken.at('v1', 'bad-http-500')),
    patch('merge', broken.at('v1', 'bad-answer-failed'), { metadata: { labels: { x: 'y' } } }),
  ),
  converting(
    'conversion-stuck',
    ...converted(stuck),
    silently(post(stuck.at('v1'), stuck.one('v1', 'a', address('h:1')))),
    get(stuck.at('v2'), { view: specsOf }),
    watch('open', stuck.at('v2', '?watch=true')),
    events('open', 1),
    silently(post(stuck.at('v1'), stuck.one('v1', 'bad-answer-failed', address('h:1')))),
    events('open', 2),
    get(stuck.at('v2', 'bad-answer-failed')),
    get(stuck.at('v1'), { view: specsOf }),
  ),
  ...unreachable.map(([name, clientConfig]) => {
    const here = place(name);
    return converting(
      `conversion-${name}`,
      ...converted(here, clientConfig),
      silently(post(here.at('v1'), here.one('v1', 'a', address('h:1')))),
      get(here.at('v2', 'a')),
      post(here.at('v2'), here.one('v2', 'b', host('h', '1'))),
      get(here.at('v1', 'a')),
    );
  }),
];
