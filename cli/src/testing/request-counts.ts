import { get } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Hub } from '@quarterdeck/hub';
import { loadKubeconfig } from '@quarterdeck/machinery';

/** Requests that a hub has answered, by `VERB resource code` or `VERB resource/subresource code`. */
export type RequestCounts = ReadonlyMap<string, number>;

/** As the hub's metrics say it. */
export function requestCounts(hub: Hub): Promise<RequestCounts> {
  return countsOf(hub, 'apiserver_request_total', (labels) => {
    const of = [labels.get('resource'), labels.get('subresource')].filter((each) => each).join('/');
    return `${labels.get('verb')} ${of} ${labels.get('code')}`;
  });
}

/** How often each of the hub's controllers has looked at an object, by its name. */
export function visitCounts(hub: Hub): Promise<ReadonlyMap<string, number>> {
  return countsOf(hub, 'fleet_controller_reconciles_total', (labels) => labels.get('controller') ?? '');
}

async function countsOf(
  hub: Hub,
  metric: string,
  keyOf: (labels: ReadonlyMap<string, string>) => string,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await readMetrics(hub)).split('\n')) {
    if (!line.startsWith(`${metric}{`)) continue;
    const labels = new Map([...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
    const key = keyOf(labels);
    counts.set(key, (counts.get(key) ?? 0) + Number(line.slice(line.lastIndexOf(' '))));
  }
  return counts;
}

/** What was answered between two looks, for these resources and their subresources, in order of the keys. */
export function requestsBetween(before: RequestCounts, after: RequestCounts, resources: readonly string[]) {
  const grown = [...after].map(([key, count]): [string, number] => [key, count - (before.get(key) ?? 0)]);
  const isOf = (key: string) => resources.includes(/^\S+ ([^/ ]*)/.exec(key)?.[1] ?? '');
  return Object.fromEntries(
    grown.filter(([key, count]) => count > 0 && isOf(key) && !/^(GET|LIST|WATCH) /.test(key)).sort(),
  );
}

async function readMetrics(hub: Hub): Promise<string> {
  const { baseUrl, tls } = await loadKubeconfig({ text: await hub.adminKubeconfig() });
  const { ca, cert, key } = (typeof tls === 'function' ? tls() : tls) ?? {};
  const answered = Promise.withResolvers<string>();
  get(`${baseUrl}/metrics`, { ca: pem(ca), cert: pem(cert), key: pem(key), agent: false }, (response) => {
    text(response).then(answered.resolve, answered.reject);
  }).on('error', answered.reject);
  return await answered.promise;
}

const pem = (parts: string | readonly string[] = []): string => [parts].flat().join('\n');
