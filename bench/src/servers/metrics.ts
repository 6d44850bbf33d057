import { Client } from 'undici';
import type { Target } from '../load/closed-loop.ts';

/** What a server says of itself, as Prometheus text. @throws Error when it does not say */
export async function readMetrics({ url, tls }: Target): Promise<string> {
  const connection = new Client(url, { connect: tls });
  try {
    const { statusCode, body } = await connection.request({ method: 'GET', path: '/metrics' });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`/metrics was answered with ${statusCode}: ${text.slice(0, 200)}`);
    return text;
  } finally {
    await connection.destroy();
  }
}

/** The value of one series: that of the name which has these labels, among others. 0 when there is none. */
export function seriesOf(text: string, name: string, labels: Readonly<Record<string, string>>): number {
  const wanted = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  const line = text
    .split('\n')
    .find((each) => each.startsWith(`${name}{`) && wanted.every((label) => each.includes(label)));
  return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(' ')));
}
