import { annotation, MemberCluster } from '@quarterdeck/apis';
import type { Client, Clock, Informer } from '@quarterdeck/machinery';
import { type HubHistory, readHistory } from './hub-history.ts';
import type { NamespaceDefault } from './options.ts';

export interface HubWordOptions {
  readonly hubClient: Client;
  readonly clusterName: string;
  /** Of the own MemberCluster. */
  readonly member: Informer<MemberCluster>;
  readonly clock: Clock;
}

/** What the hub says to an agent about its Works, on the MemberCluster. RG-10, DL-30 */
export interface HubWord {
  readonly namespaceDefault: () => NamespaceDefault | undefined;
  readonly history: () => HubHistory;
  /** @param anew an answer of a moment ago will not do. Default false. */
  readonly askHistory: (signal: AbortSignal, anew?: boolean) => Promise<HubHistory>;
  readonly onHubWord: (listener: () => void) => void;
}

/** Works that come together are about one answer. */
const freshMs = 2_000;

export function followHubWord({ hubClient, clusterName, member, clock }: HubWordOptions): HubWord {
  const listeners = new Set<() => void>();
  const annotations = () => member.get(clusterName)?.metadata.annotations;
  let asked: { readonly at: number; readonly answer: Promise<HubHistory> } | undefined;
  /** May be newer than what the informer holds, which hears of a restored hub in its own time. */
  let answered: HubHistory | undefined;

  async function ask(signal: AbortSignal): Promise<HubHistory> {
    const heard = last;
    try {
      const now = await hubClient.get(MemberCluster, { name: clusterName }, { signal });
      const answer = readHistory(now.metadata.annotations);
      if (heard === last) answered = answer;
      return answer;
    } catch (error) {
      asked = undefined;
      throw error;
    }
  }

  let last = wordOf(annotations());
  member.subscribe(({ object }) => {
    const now = wordOf(object.metadata.annotations);
    if (now === last) return;
    last = now;
    asked = answered = undefined; // it was answered before this word
    for (const listener of listeners) listener();
  });

  return {
    namespaceDefault: () =>
      member.get(clusterName) === undefined
        ? undefined
        : { serviceAccount: annotations()?.[annotation.defaultExecutor] },
    history: () => answered ?? readHistory(annotations()),
    askHistory(signal, anew = false) {
      if (anew || asked === undefined || clock.monotonic() - asked.at > freshMs)
        asked = { at: clock.monotonic(), answer: ask(signal) };
      return asked.answer;
    },
    onHubWord: (listener) => void listeners.add(listener),
  };
}

const wordOf = (annotations: Readonly<Record<string, string>> | undefined): string =>
  [annotation.defaultExecutor, annotation.hubEpoch, annotation.restoreConfirmed]
    .map((name) => annotations?.[name] ?? '')
    .join('\n');
