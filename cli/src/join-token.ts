import { randomInt } from 'node:crypto';
import { Secret } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
const random = (length: number) => Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

export interface TokenOptions {
  /** Exact cluster name, or a pattern with `*`. */
  readonly clusterPattern: string;
  readonly clusterSet: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly acceptance: 'Accepted' | 'Pending';
  readonly reusable: boolean;
  readonly ttlMs: number;
}

/** Makes a bootstrap token on the hub and returns it: the only time it is seen whole. RG-2 */
export async function createJoinToken(client: Client, options: TokenOptions): Promise<string> {
  const { joinTokenSecret, maxTokenTtlMs } = await import('@quarterdeck/hub');
  if (!(options.ttlMs > 0 && options.ttlMs <= maxTokenTtlMs)) throw new Error('--ttl: a token lives at most 24 hours');
  const [id, secret] = [random(6), random(16)];
  const { ttlMs, ...rest } = options;
  await client.create(Secret, joinTokenSecret({ ...rest, id, secret, expiresAt: Date.now() + ttlMs }));
  return `${id}.${secret}`;
}
