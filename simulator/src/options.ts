import type { ResourceList } from '@quarterdeck/apis';
import { type Clock, encodeJson, type Logger } from '@quarterdeck/machinery';

/** How long a simulated kubelet takes, and how often it fails. */
export interface SimulatedDelays {
  /** From bound to ready: drawn evenly for each pod. Default 200 to 1200 ms. */
  readonly ready: { readonly minMs: number; readonly maxMs: number };
  /** Share of pods, 0 to 1, that never become ready. Default 0. */
  readonly failureProbability: number;
}

/** What one member is made of. */
export interface MemberShape {
  /** Default 3. */
  readonly nodes: number;
  /** Of each node; `pods` is how many it takes. Default 8 CPUs, 32Gi, 110 pods. */
  readonly capacity: ResourceList;
  /** Beside the usual ones. Default: none. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly delays: SimulatedDelays;
}

export interface SimulatedFleetOptions extends Partial<MemberShape> {
  /** DNS labels. Default: `m1` to `m<count>`. */
  readonly names?: readonly string[];
  /** Without names. Default 3. */
  readonly count?: number;
  /** The same seed makes the same cluster ids, pod names, delays and failures. Default `quarterdeck`. */
  readonly seed?: string;
  /** Where the one listener is; `names` are more names for its certificate. Default 127.0.0.1, any free port. */
  readonly listen?: { readonly host: string; readonly port: number; readonly names?: readonly string[] };
  /** What a member has of its own. Default: nothing. */
  readonly shape?: (name: string, index: number) => Partial<MemberShape>;
  /** Keeps the keys of the fleet, so that kubeconfigs stay valid over restarts. Objects are never kept. Default: none. */
  readonly dataDir?: string;
  /** Default: the real one. */
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
}

export const defaultShape: MemberShape = Object.freeze({
  nodes: 3,
  capacity: Object.freeze({ cpu: '8', memory: '32Gi', pods: '110' }),
  nodeLabels: Object.freeze({}),
  delays: Object.freeze({ ready: Object.freeze({ minMs: 200, maxMs: 1200 }), failureProbability: 0 }),
});

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** @throws RangeError when a name is no DNS label or comes twice, or there are none */
export function memberNames({ names, count = 3 }: Pick<SimulatedFleetOptions, 'names' | 'count'>): readonly string[] {
  const list = names ?? Array.from({ length: count }, (_, index) => `m${index + 1}`);
  const bad = list.find((name) => !dnsLabel.test(name));
  if (bad !== undefined) throw new RangeError(`${encodeJson(bad)} is no DNS label and so no name of a member`);
  if (new Set(list).size < list.length) throw new RangeError('two simulated members have the same name');
  if (list.length === 0) throw new RangeError('a simulated fleet needs a member');
  return list;
}

/** What a member is made of: its own words over the fleet's over the defaults. */
export function shapeOf(options: SimulatedFleetOptions, name: string, index: number): MemberShape {
  const own = options.shape?.(name, index) ?? {};
  const pick = <Key extends keyof MemberShape>(key: Key): MemberShape[Key] =>
    own[key] ?? options[key] ?? defaultShape[key];
  return {
    nodes: pick('nodes'),
    capacity: pick('capacity'),
    nodeLabels: pick('nodeLabels'),
    delays: pick('delays'),
  };
}
