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
  readonly askHistory: (signal: AbortSignal) => Promise<HubHistory>;
  readonly onHubWord: (listener: () => void) => void;
}

/** Works that come together are about one answer. */
const freshMs = 2_000;

export function followHubWord({ hubClient, clusterName, member, clock }: HubWordOptions): HubWord {
  const annotations = () => member.get(clusterName)?.metadata.annotations;
  const history = () => readHistory(annotations());
  let asked: { readonly at: number; readonly answer: Promise<HubHistory> } | undefined;
  const ask = async (signal: AbortSignal) => {
    try {
      return readHistory((await hubClient.get(MemberCluster, { name: clusterName }, { signal })).metadata.annotations);
    } catch (error) {
      asked = undefined;
      throw error;
    }
  };
  return {
    namespaceDefault: () =>
      member.get(clusterName) === undefined
        ? undefined
        : { serviceAccount: annotations()?.[annotation.defaultExecutor] },
    history,
    askHistory(signal) {
      if (asked === undefined || clock.monotonic() - asked.at > freshMs)
        asked = { at: clock.monotonic(), answer: ask(signal) };
      return asked.answer;
    },
    onHubWord(listener) {
      let last = wordOf(annotations());
      member.subscribe(({ object }) => {
        const now = wordOf(object.metadata.annotations);
        if (now === last) return;
        last = now;
        asked = undefined; // it was answered before this word
        listener();
      });
    },
  };
}

const wordOf = (annotations: Readonly<Record<string, string>> | undefined): string =>
  [annotation.defaultExecutor, annotation.hubEpoch, annotation.restoreConfirmed]
    .map((name) => annotations?.[name] ?? '')
    .join('\n');
