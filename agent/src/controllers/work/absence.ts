import { ApiError, label, type ResourceType } from '@quarterdeck/apis';
import type { Client, Clock } from '@quarterdeck/machinery';

/** Answers for many new objects at once which of them are not on the member, instead of one question for each. BM-10 */
export interface Absence {
  /** True: it was not there a moment ago. False: ask for it. */
  isKnown(type: ResourceType, namespace: string, name: string): Promise<boolean>;
}

export interface AbsenceOptions {
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The label value of the Work's own objects. */
  readonly ownLabel: string;
  /** What is about to be applied: a list is worth its cost from {@link worthIt} objects of a kind and namespace on. */
  readonly wanted: readonly { readonly type: ResourceType; readonly namespace: string }[];
}

const worthIt = 16;
/** Objects of others, of a kind in a namespace; where there are more, a list costs more than it saves. */
const maxForeign = 500;
/**
 * How long an answer is believed. An object that somebody makes in this time is met by an apply without force, which the
 * member refuses wherever the two differ.
 */
const believedMs = 1_000;

interface Listed {
  readonly at: number;
  readonly names: Promise<ReadonlySet<string> | undefined>;
}

/** Objects with the label of the Work itself are not asked for: there would be more of them with each that is made. */
export function createAbsence({ memberClient, clock, signal, wanted, ownLabel }: AbsenceOptions): Absence {
  const keyOf = (type: ResourceType, namespace: string) => `${type.group}/${type.version} ${type.plural} ${namespace}`;
  const counts = new Map<string, number>();
  for (const { type, namespace } of wanted) {
    const key = keyOf(type, namespace);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const lists = new Map<string, Listed>();

  async function foreign(type: ResourceType, namespace: string): Promise<ReadonlySet<string> | undefined> {
    const scope = namespace === '' ? {} : { namespace };
    try {
      const { items, metadata } = await memberClient.list(type, {
        ...scope,
        labelSelector: `${label.appliedWork}!=${ownLabel}`,
        limit: maxForeign,
        signal,
      });
      return (metadata.continue ?? '') === '' ? new Set(items.map((item) => item.metadata.name)) : undefined;
    } catch (error) {
      if (error instanceof ApiError) return undefined; // a member that does not let us list may let us get
      throw error;
    }
  }

  return {
    async isKnown(type, namespace, name) {
      const key = keyOf(type, namespace);
      if ((counts.get(key) ?? 0) < worthIt) return false;
      let listed = lists.get(key);
      if (listed === undefined || clock.monotonic() - listed.at > believedMs) {
        listed = { at: clock.monotonic(), names: foreign(type, namespace) };
        lists.set(key, listed);
      }
      const names = await listed.names;
      if (names === undefined) counts.delete(key);
      return names !== undefined && !names.has(name);
    },
  };
}
