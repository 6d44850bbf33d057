import { ConfigMap, memberNamespaceName } from '@quarterdeck/apis';
import { type Client, createInformer } from '@quarterdeck/machinery';
import { fetchHubCa } from './hub-ca.ts';
import type { Kept } from './kept.ts';
import { type LinkOptions, proxyOf, retryMs } from './options.ts';
import type { AgentState } from './state-store.ts';
import { joinBundles, trustedHashes } from './trust.ts';

/** The CA verified before stays; a hash is checked once, at first contact. */
export async function trustedCa(options: LinkOptions, state: AgentState, signal: AbortSignal): Promise<string> {
  const { hubUrl, trust, clock, logger } = options;
  if ('caPem' in trust) return joinBundles(state.hubCa, trust.caPem);
  if (state.hubCa !== undefined) return state.hubCa;
  for (;;) {
    try {
      return await fetchHubCa({ hubUrl, expected: trust.caHash, ...proxyOf(options) }, signal);
    } catch (error) {
      // A hub that shows another CA is never waited for: the token must not be sent to it.
      if (signal.aborted || (error instanceof Error && error.name === 'WrongHubError')) throw error;
      logger.warn(
        { reason: error instanceof Error ? error.message : String(error) },
        'cannot reach the hub; trying again',
      );
      await clock.sleep(retryMs.failed, signal);
    }
  }
}

interface TrustOptions extends LinkOptions {
  readonly hubClient: Client;
  readonly kept: Kept;
  readonly adopt: () => void;
}

/** The CAs that the hub publishes in the member's namespace are learnt over a connection that is trusted already. RG-9 */
export async function followTrust(options: TrustOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, clusterName, kept, adopt, clock, logger } = options;
  const published = createInformer(hubClient, ConfigMap, {
    namespace: memberNamespaceName(clusterName),
    fieldSelector: 'metadata.name=kube-root-ca.crt',
    clock,
  });
  const learn = async (text: string | undefined): Promise<void> => {
    const bundle = joinBundles(text);
    if (bundle === '' || bundle === kept.state.hubCa) return;
    await kept.change((state) => ({ ...state, hubCa: bundle }));
    adopt();
    logger.info({ trustedCAs: trustedHashes(bundle) }, 'the hub published other CAs; the agent trusts them now');
  };
  published.subscribe(({ type, object }) => {
    // Nothing is unlearnt from its absence.
    if (type === 'deleted') return;
    learn(object.data?.['ca.crt']).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'the CAs that the hub published cannot be taken over; the last ones stay');
    });
  });
  await published.start(signal);
}
