import { ConfigMap, memberNamespaceName } from '@quarterdeck/apis';
import { type Client, caKeyHashes, createInformer, joinBundles } from '@quarterdeck/machinery';
import { fetchHubCa, vouchingCas } from './hub-ca.ts';
import type { Kept } from './kept.ts';
import { type LinkOptions, proxyOf, retryMs } from './options.ts';
import type { AgentState } from './state-store.ts';

/** How the hub is known. */
interface Trusted {
  /** PEM bundle. */
  readonly ca: string;
  /** Whether it was told of a CA that it did not know the hub by before: the hub may be another one. RG-10 */
  readonly isNew: boolean;
}

/**
 * What was verified before stays, and what the agent is told to trust besides. A hash that it knows the hub by already was
 * checked at first contact; another one is that of a hub that the member has moved to, if that shows it.
 * @throws WrongHubError at first contact, when the hub shows another CA
 */
export async function trustedCa(options: LinkOptions, state: AgentState, signal: AbortSignal): Promise<Trusted> {
  const { hubUrl, trust, clock, logger } = options;
  const known = state.hubCa;
  const knownHashes = known === undefined ? [] : caKeyHashes(known);
  if ('caPem' in trust) {
    const isNew = caKeyHashes(trust.caPem).some((hash) => !knownHashes.includes(hash));
    return { ca: joinBundles(known, trust.caPem), isNew };
  }
  if (known !== undefined && knownHashes.includes(trust.caHash.toLowerCase())) return { ca: known, isNew: false };
  for (;;) {
    try {
      return { ca: await fetchHubCa({ hubUrl, expected: trust.caHash, ...proxyOf(options) }, signal), isNew: true };
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (known !== undefined) {
        // It may have replaced its CA since, which the agent followed; if it is not the hub, TLS says so at every request.
        const message = 'the hub does not show the CA of the hash that was given; it is known by its CA of before';
        logger.warn({ reason, trustedCAs: knownHashes }, message);
        return { ca: known, isNew: false };
      }
      // A hub that shows another CA is never waited for: the token must not be sent to it.
      if (error instanceof Error && error.name === 'WrongHubError') throw error;
      logger.warn({ reason }, 'cannot reach the hub; trying again');
      await clock.sleep(retryMs.failed, signal);
    }
  }
}

interface TrustOptions extends LinkOptions {
  readonly hubClient: Client;
  readonly kept: Kept;
  readonly adopt: () => void;
}

/**
 * What the hub is known by once it has published these CAs: they alone, so that one that was replaced is trusted no more. A
 * Kubernetes hub publishes the CAs of its own network, and may be reached at an address that another vouches for, as that of a
 * load balancer is: that one stays, beside them. RG-9, RG-53
 * @throws Error when the hub cannot be reached
 */
async function knownBy(
  options: LinkOptions,
  { known = '', published }: { readonly known: string | undefined; readonly published: string },
  signal: AbortSignal,
): Promise<string> {
  const address = { hubUrl: options.hubUrl, ...proxyOf(options) };
  if ((await vouchingCas(address, published, signal)) !== '') return published;
  return joinBundles(published, (await vouchingCas(address, known, signal)) || known);
}

/** The CAs that the hub publishes in the member's namespace are learnt over a connection that is trusted already. RG-9 */
export async function followTrust(options: TrustOptions, signal: AbortSignal): Promise<void> {
  const { hubClient, clusterName, kept, adopt, clock, logger } = options;
  const published = createInformer(hubClient, ConfigMap, {
    namespace: memberNamespaceName(clusterName),
    fieldSelector: 'metadata.name=kube-root-ca.crt',
    clock,
  });
  let latest: string | undefined;
  const take = async (text: string | undefined): Promise<void> => {
    const published = joinBundles(text);
    if (published === '' || published === kept.state.hubCa) return;
    const bundle = await knownBy(options, { known: kept.state.hubCa, published }, signal);
    if (text !== latest || bundle === kept.state.hubCa) return;
    await kept.change((state) => ({ ...state, hubCa: bundle }));
    adopt();
    logger.info({ trustedCAs: caKeyHashes(bundle) }, 'the hub published other CAs; the agent trusts them now');
  };
  const learn = async (text: string | undefined): Promise<void> => {
    while (text === latest) {
      try {
        return await take(text);
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        logger.warn({ reason }, 'the CAs that the hub published cannot be taken over now; the last ones stay');
      }
      await clock.sleep(retryMs.denied, signal);
    }
  };
  published.subscribe(({ type, object }) => {
    // Nothing is unlearnt from its absence.
    if (type === 'deleted') return;
    latest = object.data?.['ca.crt'];
    learn(latest).catch(() => {}); // it ends by the signal only
  });
  await published.start(signal);
}
