import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How a visit to a key ended. */
export type ReconcileResult = 'done' | 'conflict' | 'error' | 'terminal';

/** What every metric says of itself. */
export interface MetricDescription<Label extends string> {
  /** The part of the program: `controller`, `tunnel`. */
  subsystem: string;
  /** What is measured, without unit: `reconciles`, `reconcile`. */
  what: string;
  help: string;
  /** Names of labels. Their values must come from closed sets: kinds, results, controllers; never object names. */
  labels?: readonly Label[];
}

/** The metrics of one process, named `PREFIX_SUBSYSTEM_WHAT_UNIT` (`_total` for counters). */
export interface Metrics {
  readonly registry: Registry;
  readonly reconciles: Counter<'controller' | 'result'>;
  readonly reconcileSeconds: Histogram<'controller'>;
  readonly queueLength: Gauge<'controller'>;
  /**
   * Registers a counter; `_total` is appended. The same description gives the same metric.
   * @throws Error when the name is taken by another, or not in form
   */
  counter<Label extends string = never>(description: MetricDescription<Label>): Counter<Label>;
  /** Registers a gauge; the unit, when given, is appended. */
  gauge<Label extends string = never>(description: MetricDescription<Label> & { unit?: string }): Gauge<Label>;
  /** Registers a histogram of seconds. */
  seconds<Label extends string = never>(
    description: MetricDescription<Label> & { buckets?: readonly number[] },
  ): Histogram<Label>;
  /** All of them in Prometheus' text format. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  /** Default `fleet`. */
  prefix?: string;
  /** Also CPU, memory and event-loop lag of the process. Default false; once per process. */
  process?: boolean;
}

const defaultBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];
const wellFormed = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** One per process or test; nothing registers globally. */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const { prefix = 'fleet' } = options;
  const registry = new Registry();
  if (options.process === true) collectDefaultMetrics({ register: registry });

  function common<Label extends string>(description: MetricDescription<Label>, unit: string | undefined) {
    const { subsystem, what, help, labels = [] } = description;
    const name = [prefix, subsystem, what, ...(unit === undefined ? [] : [unit])].join('_');
    if (!wellFormed.test(name)) throw new Error(`"${name}" is no metric name`);
    return { name, help, labelNames: labels, registers: [registry] };
  }
  const made = new Map<string, { readonly words: string; readonly metric: unknown }>();

  /** A part of the program that starts again, in a later term of leadership, finds the metric that it made before. */
  function once<M>(options: { name: string; help: string; labelNames: readonly string[] }, make: () => M): M {
    const words = `${options.help} ${options.labelNames.join()}`;
    const before = made.get(options.name);
    if (before !== undefined && before.words === words) return before.metric as M;
    const metric = make(); // throws when the name is taken
    made.set(options.name, { words, metric });
    return metric;
  }
  const counter: Metrics['counter'] = (description) => {
    const options = common(description, 'total');
    return once(options, () => new Counter(options));
  };
  const gauge: Metrics['gauge'] = (description) => {
    const options = common(description, description.unit);
    return once(options, () => new Gauge(options));
  };
  const seconds: Metrics['seconds'] = (description) => {
    const options = common(description, 'seconds');
    return once(options, () => new Histogram({ ...options, buckets: [...(description.buckets ?? defaultBuckets)] }));
  };

  return {
    registry,
    counter,
    gauge,
    seconds,
    text: () => registry.metrics(),
    reconciles: counter({
      subsystem: 'controller',
      what: 'reconciles',
      help: 'Reconciles by controller and result: done, conflict, error, terminal.',
      labels: ['controller', 'result'],
    }),
    reconcileSeconds: seconds({
      subsystem: 'controller',
      what: 'reconcile',
      help: 'How long one reconcile takes.',
      labels: ['controller'],
    }),
    queueLength: gauge({
      subsystem: 'controller',
      what: 'queue_length',
      help: 'Keys waiting for the controller.',
      labels: ['controller'],
    }),
  };
}
