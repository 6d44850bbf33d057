import type { Client } from '@quarterdeck/machinery';

/** When a process dies: at its n-th write, counted from 1, before the server has it or after. */
export interface Death {
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** The life of a process, as its clients see it. */
export interface Life {
  readonly wrap: (client: Client) => Client;
  /** Plans a death, counted from now; undefined: none. Also brings the dead back. */
  begin(death: Death | undefined): void;
  readonly isDead: boolean;
  /** Since the last beginning. */
  readonly writes: number;
}

const reads = new Set<PropertyKey>(['get', 'list', 'watch', 'getRaw']);

/** Clients of one process that dies at a planned write: from then on no call of it reaches a server. F-17 */
export function mortalLife(): Life {
  let death: Death | undefined;
  let writes = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Error('killed');
  };
  const wrap = (client: Client): Client =>
    new Proxy(client, {
      get(target, name, receiver) {
        const method: unknown = Reflect.get(target, name, receiver);
        if (typeof method !== 'function' || name === 'watch') return method;
        return async (...args: unknown[]) => {
          if (isDead) throw new Error('dead');
          const isWrite = !reads.has(name);
          const isLast = isWrite && ++writes === death?.write;
          if (isLast && death?.moment === 'before') die();
          const answer: unknown = await Reflect.apply(method, target, args);
          if (isLast || isDead) die();
          return answer;
        };
      },
    });
  return {
    wrap,
    get writes() {
      return writes;
    },
    get isDead() {
      return isDead;
    },
    begin(next) {
      death = next;
      writes = 0;
      isDead = false;
    },
  };
}
