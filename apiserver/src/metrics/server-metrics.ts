import { Counter, Gauge, Histogram, type Registry as MetricsRegistry } from 'prom-client';
import type { Store } from '../cache/store.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { Observation, ObservedRequest, Observer } from '../pipeline/observe.ts';
import type { Storage } from '../storage/storage.ts';
import { timeStorage } from './timed-storage.ts';

/** The metrics of one API server, under the names that dashboards for Kubernetes know where there is one. KA-20 */
export interface ServerMetrics {
  readonly observer: Observer;
  /** The same storage, with its calls timed. */
  timed(storage: Storage): Storage;
  /** Counts what is stored, each time the metrics are read. */
  countObjects(store: Pick<Store, 'resourceCounts'>): void;
  /** The seats of each priority level, each time the metrics are read. */
  countSeats(flowControl: Pick<FlowControl, 'nominalSeats'>): void;
}

const requestLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'component', 'dry_run'] as const;
/** Those of kube-apiserver that its usual alerts use, so that they work here. Seconds. */
const requestBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 15, 30, 60];
const storageBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15];

/**
 * Registers the metrics of one server; all label values come from closed sets: verbs, codes, and the kinds it serves.
 * @param registry the caller's. One server per registry: names are taken once
 * @param monotonic milliseconds, for durations
 */
export function createServerMetrics(registry: MetricsRegistry, monotonic: () => number): ServerMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'apiserver_request_total',
    help: 'Requests answered, by verb, kind and HTTP code.',
    labelNames: [...requestLabels, 'code'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'apiserver_request_duration_seconds',
    help: 'Time from request to complete answer; a watch counts until it ends.',
    labelNames: requestLabels,
    buckets: requestBuckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Requests being answered now, watches aside, by mutating or readOnly.',
    labelNames: ['request_kind'] as const,
    registers,
  });
  for (const request_kind of ['mutating', 'readOnly']) inFlight.set({ request_kind }, 0);
  const watches = new Gauge({
    name: 'apiserver_longrunning_requests',
    help: 'Watches, and requests to elsewhere, open now, by kind.',
    labelNames: requestLabels,
    registers,
  });
  const watchEvents = new Counter({
    name: 'apiserver_watch_events_total',
    help: 'Events sent to watches, by kind.',
    labelNames: ['resource'] as const,
    registers,
  });
  const watchEncodings = new Counter({
    name: 'apiserver_watch_event_encodings_total',
    help: 'Events encoded for watches, by kind: one for all watches that want an event in the same form.',
    labelNames: ['resource'] as const,
    registers,
  });
  const storageSeconds = new Histogram({
    name: 'apiserver_storage_request_duration_seconds',
    help: 'Time of calls to the database, by operation and whether they succeeded.',
    labelNames: ['operation', 'result'] as const,
    buckets: storageBuckets,
    registers,
  });

  function begin(request: ObservedRequest): Observation {
    const labels = labelsOf(request);
    const started = monotonic();
    const staysOpen = request.verb === 'WATCH' || request.verb === 'CONNECT';
    const kind = { request_kind: isReading(request.verb) ? 'readOnly' : 'mutating' };
    if (staysOpen) watches.inc(labels);
    else inFlight.inc(kind);
    return {
      answered: (code) => requests.inc({ ...labels, code }),
      ended() {
        if (staysOpen) watches.dec(labels);
        else inFlight.dec(kind);
        seconds.observe(labels, (monotonic() - started) / 1000);
      },
    };
  }

  return {
    countSeats(flowControl) {
      new Gauge({
        name: 'apiserver_flowcontrol_nominal_limit_seats',
        help: 'Seats that a priority level would have by its shares. Requests are classified; they are not limited yet.',
        labelNames: ['priority_level'] as const,
        registers,
        collect() {
          this.reset();
          for (const [priority_level, seats] of flowControl.nominalSeats()) this.set({ priority_level }, seats);
        },
      });
    },
    observer: {
      begin,
      watchEvents: (resource, count) => watchEvents.inc({ resource }, count),
      watchEncoding: (resource) => watchEncodings.inc({ resource }),
    },
    timed: (storage) =>
      timeStorage(storage, monotonic, ({ operation, result, ms }) =>
        storageSeconds.observe({ operation, result }, ms / 1000),
      ),
    countObjects(store) {
      new Gauge({
        name: 'apiserver_storage_objects',
        help: 'Objects stored, by kind.',
        labelNames: ['resource'] as const,
        registers,
        collect() {
          this.reset();
          for (const [resource, count] of store.resourceCounts()) this.set({ resource }, count);
        },
      });
    },
  };
}

const isReading = (verb: string) => verb === 'GET' || verb === 'LIST' || verb === 'WATCH';

function labelsOf({ dryRun, ...request }: ObservedRequest) {
  return { ...request, component: 'apiserver', dry_run: dryRun ? 'All' : '' };
}
