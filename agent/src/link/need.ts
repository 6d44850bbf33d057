import type { Unusable } from './kept-identity.ts';
import type { Step } from './next-step.ts';
import type { LinkOptions } from './options.ts';
import { tellEveryMs } from './refusal-log.ts';

/** Why an agent needs a bootstrap token. */
type Need = Exclude<Unusable, undefined> | Extract<Step, { do: 'needToken' }>['why'];

/**
 * Says in the log that a token is needed, and how it is made: at once, when the reason is another one, and now and then. The
 * agent may stay so for days, and looks for a token every few seconds. RG-8
 */
export function createNeed({
  clusterName,
  clock,
  logger,
}: Pick<LinkOptions, 'clusterName' | 'clock' | 'logger'>): (why: Need) => void {
  let told: { readonly why: Need; readonly at: number } | undefined;
  return (why) => {
    const at = clock.monotonic();
    if (told?.why === why && at - told.at < tellEveryMs) return;
    told = { why, at };
    const about = { why, make: `quarterdeck token create --cluster ${clusterName}` };
    logger.error(about, why === 'refused' ? refusedText : noTokenText);
  };
}

const noTokenText =
  'the agent needs a bootstrap token for this cluster, in its --token-file or by --token; nothing on the member changes meanwhile';
const refusedText =
  'the hub takes this agent no more: a MemberCluster that is denied can be accepted there; one that was removed, or whose certificate is of a CA that the hub has forgotten, comes back by a bootstrap token for this cluster, in its --token-file or by --token';
