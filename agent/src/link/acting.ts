import {
  agentLeaderLeaseName,
  apiVersionOf,
  ignoreNotFound,
  isAlreadyExists,
  isForbidden,
  Lease,
  Namespace,
  systemNamespace,
} from '@quarterdeck/apis';
import { type Client, type Clock, type Logger, runWithLease } from '@quarterdeck/machinery';

export interface ActingOptions {
  readonly memberClient: Pick<Client, 'get' | 'create' | 'update'>;
  /** Unique to this process, also across restarts. */
  readonly identity: string;
  /** Whether the process of another holder has ended for certain. Default: nobody is known to be gone. */
  readonly isGone?: (holder: string) => boolean;
  /** What the acting agent does until the signal aborts; it may be started again. */
  readonly act: (term: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Acting {
  /** Whether another agent of this cluster acts, so that this one says nothing to the hub either. */
  isStandby(): boolean;
  /** Settles when the signal has aborted and nothing acts any more. */
  readonly stopped: Promise<void>;
}

/** Short enough that a standby takes over before the hub counts the member as lost (40 s). */
const lease = { leaseDurationMs: 20_000, renewDeadlineMs: 15_000, retryPeriodMs: 5_000 } as const;
const lookMs = 5_000;

/**
 * Of the agents of one cluster one acts: it holds a Lease on the member, which is where they can meet. The others wait, say
 * so, and take over when it is gone. An agent that may not hold Leases acts, and says that nobody keeps a second one from
 * doing the same. RG-11
 */
export function startActing(options: ActingOptions, signal: AbortSignal): Acting {
  let isActing = false;
  let actor: string | undefined;
  const act = async (term: AbortSignal) => {
    isActing = true;
    actor = undefined;
    try {
      await options.act(term);
    } finally {
      isActing = false;
    }
  };
  const tell = (holder: string | undefined) => {
    if (holder === actor) return;
    actor = holder;
    if (holder === undefined) return;
    const about = { actor: holder, lease: `${systemNamespace}/${agentLeaderLeaseName}` };
    options.logger.warn(about, 'another agent of this cluster acts; this one does nothing and waits for its turn');
  };
  const run = async () => {
    if (!(await mayHoldLease(options, signal))) {
      options.logger.warn(
        {},
        'the agent may not hold a Lease on its cluster: nothing keeps a second agent from acting too',
      );
      return await act(signal);
    }
    const elected = runWithLease({
      ...lease,
      client: options.memberClient,
      namespace: systemNamespace,
      name: agentLeaderLeaseName,
      identity: options.identity,
      ...(options.isGone === undefined ? {} : { isGone: options.isGone }),
      clock: options.clock,
      logger: options.logger,
      onStarted: act,
      signal,
    });
    await Promise.all([elected, lookOn(options, { isActing: () => isActing, tell }, signal)]);
  };
  return { isStandby: () => !isActing && actor !== undefined, stopped: run() };
}

/** Who acts while this one does not. What cannot be read is nobody: the cluster may be away, and the hub must hear that. */
async function lookOn(
  { memberClient, identity, clock }: ActingOptions,
  { isActing, tell }: { isActing: () => boolean; tell: (holder: string | undefined) => void },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    if (!isActing()) {
      const ref = { namespace: systemNamespace, name: agentLeaderLeaseName };
      const found = await memberClient.get(Lease, ref, { signal }).catch(() => undefined);
      const holder = found?.spec?.holderIdentity ?? '';
      if (!isActing()) tell(holder === '' || holder === identity ? undefined : holder);
    }
    await clock.sleep(lookMs, signal).catch(() => {});
  }
}

/** Looks until the member answers: only a refusal means that it may not. */
async function mayHoldLease({ memberClient, clock, logger }: ActingOptions, signal: AbortSignal): Promise<boolean> {
  for (;;) {
    try {
      await ensureNamespace(memberClient, signal);
      const ref = { namespace: systemNamespace, name: agentLeaderLeaseName };
      await ignoreNotFound(memberClient.get(Lease, ref, { signal }));
      return true;
    } catch (error) {
      if (isForbidden(error)) return false;
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn({ reason }, 'the member does not say who acts for it; trying again');
      await clock.sleep(lookMs, signal);
    }
  }
}

async function ensureNamespace(memberClient: ActingOptions['memberClient'], signal: AbortSignal): Promise<void> {
  if ((await ignoreNotFound(memberClient.get(Namespace, { name: systemNamespace }, { signal }))) !== undefined) return;
  const object = { apiVersion: apiVersionOf(Namespace), kind: Namespace.kind, metadata: { name: systemNamespace } };
  try {
    await memberClient.create(Namespace, object, { signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
