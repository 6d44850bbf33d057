import {
  alreadyExists,
  apiError,
  type Lease,
  modifiedConflict,
  notFound,
  StatusReason,
  type Stored,
} from '@quarterdeck/apis';
import type { Reader, Writer } from '../client/client.ts';

type LeaseClient = Pick<Reader, 'get'> & Pick<Writer, 'create' | 'update'>;

/** A server with one Lease, strict about revisions, that fails for whom it is told to. */
export class FakeLeases {
  /** Candidates whose requests fail. */
  readonly unreachableFor = new Set<string>();
  /** Candidates whose requests are never answered. */
  readonly hangingFor = new Set<string>();
  /** So many updates are stored but answered with a failure. */
  loseAnswers = 0;
  #lease: Stored<Lease> | undefined;
  #revision = 0;
  #uid = 0;

  current(): Stored<Lease> | undefined {
    return this.#lease;
  }

  /** Writes as an outsider, whatever the revision. */
  put(spec: Lease['spec'] & object): void {
    this.#store(spec);
  }

  remove(): void {
    this.#lease = undefined;
  }

  /** The client of one candidate. */
  client(owner: string): LeaseClient {
    const arrive = async (signal: AbortSignal | undefined) => {
      await Promise.resolve();
      signal?.throwIfAborted();
      if (this.unreachableFor.has(owner)) throw apiError(StatusReason.ServiceUnavailable, 'connection refused');
      if (this.hangingFor.has(owner)) {
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
      }
    };
    return {
      get: async (type, ref, options) => {
        await arrive(options?.signal);
        if (this.#lease === undefined) throw notFound(type, ref.name);
        return this.#lease as never;
      },
      create: async (type, object, options) => {
        const { spec = {} } = object as Lease;
        await arrive(options?.signal);
        if (this.#lease !== undefined) throw alreadyExists(type, object.metadata.name ?? '');
        return this.#store(spec) as never;
      },
      update: async (type, object, options) => {
        const { spec = {}, metadata } = object as Lease;
        await arrive(options?.signal);
        if (this.#lease === undefined) throw notFound(type, metadata.name ?? '');
        const { resourceVersion, uid } = this.#lease.metadata;
        if (resourceVersion !== metadata.resourceVersion || uid !== metadata.uid) {
          throw modifiedConflict(type, metadata.name ?? '');
        }
        const stored = this.#store(spec);
        if (this.loseAnswers > 0) {
          this.loseAnswers--;
          throw apiError(StatusReason.ServiceUnavailable, 'connection lost');
        }
        return stored as never;
      },
    };
  }

  #store(spec: Lease['spec'] & object): Stored<Lease> {
    this.#lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        namespace: 'kube-system',
        name: 'hub',
        uid: this.#lease?.metadata.uid ?? `uid-${++this.#uid}`,
        creationTimestamp: '2026-01-01T00:00:00Z',
        resourceVersion: String(++this.#revision),
      },
      spec,
    };
    return this.#lease;
  }
}
