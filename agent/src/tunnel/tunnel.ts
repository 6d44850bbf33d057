import { performServerHandshake, type ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import {
  type Client,
  type Clock,
  createRawAgent,
  DialRefusedError,
  dialTunnel,
  type HttpClientOptions,
  type Logger,
  maxTunnelStreams,
  resetStream,
  type TlsOptions,
  tunnelConnectionWindow,
  tunnelPath,
  tunnelSessionMemory,
  tunnelSettings,
  watchLiveness,
} from '@quarterdeck/machinery';
import { createTunnelToken } from './member-token.ts';
import { followPolicy } from './policy-source.ts';
import { type Carried, judge, type MemberSide, serveRequest } from './serve-request.ts';

export interface TunnelOptions {
  readonly clusterName: string;
  readonly hubUrl: string;
  /** The agent's certificate, where it has one, and the hub's CAs, as they are now. */
  readonly tls: () => TlsOptions;
  /** Its token where it has that instead. Absent: it has a certificate. RG-7 */
  readonly token?: () => string | undefined;
  /** Proxy on the way to the hub. Absent: none. RG-55 */
  readonly proxy?: string;
  /** How the member's API is reached; of its credentials none is used. */
  readonly member: HttpClientOptions;
  /** With the agent's own rights: reads the policy, asks for the tunnel's token. */
  readonly memberClient: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1. Default Math.random. */
  readonly random?: () => number;
}

export interface Tunnel {
  /** Whether the hub takes it, so that consumers may be told of it; undefined: not known yet. */
  readonly isServed: boolean | undefined;
}

/** Waits between attempts: from the first to the last, doubling. */
const retryMs = { first: 1_000, last: 30_000 } as const;
/** A hub that serves no tunnels is asked again as rarely. RG-53 */
const noTunnelsMs = 10 * 60_000;
/** A tunnel that held this long was a good one. */
const stableMs = 60_000;

/** Holds a tunnel open to the hub, over one connection that the agent dialled, until the signal aborts. RG-50 to RG-52 */
export function startTunnel(options: TunnelOptions, signal: AbortSignal): Tunnel & { readonly stopped: Promise<void> } {
  const state: { isServed: boolean | undefined } = { isServed: undefined };
  const stopped = run(options, state, signal).catch((error: unknown) => {
    if (!signal.aborted) options.logger.error({ err: error }, 'the tunnel ended');
  });
  return {
    stopped,
    get isServed() {
      return state.isServed;
    },
  };
}

async function run(
  options: TunnelOptions,
  state: { isServed: boolean | undefined },
  signal: AbortSignal,
): Promise<void> {
  const { clock, logger, random = Math.random } = options;
  const carried = new Set<Carried>();
  const judgeAgain = () => {
    for (const each of [...carried]) {
      if (!isSame(each, judge(policy, each.caller, each.verb))) each.cut();
    }
  };
  const policy = await followPolicy({ ...options, onChange: judgeAgain }, signal);
  const agent = createRawAgent(options.member, clock);
  signal.addEventListener('abort', () => agent.destroy(), { once: true });
  const baseUrl = new URL(options.member.baseUrl);
  const { memberClient } = options;
  const member: MemberSide = { agent, baseUrl, token: createTunnelToken(options), memberClient, policy, logger };
  let waitMs: number = retryMs.first;
  while (!signal.aborted) {
    const since = clock.monotonic();
    const outcome = await once(options, member, carried, state, signal);
    if (signal.aborted) return;
    if (clock.monotonic() - since >= stableMs) waitMs = retryMs.first;
    const pauseMs = outcome === 'noTunnels' ? noTunnelsMs : waitMs;
    waitMs = Math.min(waitMs * 2, retryMs.last);
    await clock.sleep(pauseMs * (0.5 + random() / 2), signal);
  }
}

const isSame = ({ verdict }: Carried, now: Carried['verdict']): boolean =>
  verdict.type === 'as' &&
  now.type === 'as' &&
  verdict.user === now.user &&
  verdict.groups.join('\n') === now.groups.join('\n');

/** One tunnel, from dialling to its end. */
async function once(
  options: TunnelOptions,
  member: MemberSide,
  carried: Set<Carried>,
  state: { isServed: boolean | undefined },
  signal: AbortSignal,
): Promise<'ended' | 'noTunnels'> {
  const { clusterName, hubUrl, proxy, clock, logger } = options;
  let connection: Socket;
  try {
    const token = options.token?.();
    const dial = {
      baseUrl: hubUrl,
      tls: options.tls(),
      path: tunnelPath(clusterName),
      userAgent: 'quarterdeck-agent',
      clock,
      ...(proxy === undefined ? {} : { proxy }),
      ...(token === undefined ? {} : { token }),
    };
    connection = await dialTunnel(dial, signal);
  } catch (error) {
    if (signal.aborted) return 'ended';
    if (error instanceof DialRefusedError && (error.status === 404 || error.status === 405)) {
      state.isServed = false;
      logger.error(
        {},
        'this hub serves no tunnels: a Kubernetes cluster as the hub cannot, see docs/kubernetes-hub.md',
      );
      return 'noTunnels';
    }
    const refusal = error instanceof DialRefusedError ? { kind: 'tunnel', code: error.status } : {};
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn({ reason, ...refusal }, 'the tunnel cannot be opened');
    return 'ended';
  }
  const session = performServerHandshake(connection, {
    maxSessionMemory: tunnelSessionMemory,
    settings: { ...tunnelSettings, maxConcurrentStreams: maxTunnelStreams },
  });
  state.isServed = true;
  logger.info({}, 'the tunnel to the hub is open');
  await serve(session, connection, { member, carried, clock, logger }, signal);
  if (!signal.aborted) logger.warn({}, 'the tunnel to the hub is closed; opening another');
  return 'ended';
}

interface Serving {
  readonly member: MemberSide;
  readonly carried: Set<Carried>;
  readonly clock: Clock;
  readonly logger: Logger;
}

function serve(session: ServerHttp2Session, connection: Socket, serving: Serving, signal: AbortSignal): Promise<void> {
  const { member, carried, clock, logger } = serving;
  session.on('error', (error) => logger.debug({ err: error }, 'the tunnel broke'));
  session.setLocalWindowSize(tunnelConnectionWindow);
  watchLiveness(session, connection, clock);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    serveRequest(member, stream, headers)
      .then((begun) => {
        if (begun === undefined || stream.destroyed) return;
        carried.add(begun);
        stream.once('close', () => carried.delete(begun));
      })
      .catch((error: unknown) => {
        logger.error({ err: error }, 'a request through the tunnel failed');
        resetStream(stream);
      });
  });
  // With an error, or half an answer would look whole to the hub.
  const end = () => session.destroy(new Error('the agent closes its tunnel'));
  signal.addEventListener('abort', end, { once: true });
  return new Promise((resolve) => {
    session.once('close', () => {
      signal.removeEventListener('abort', end);
      connection.destroy();
      resolve();
    });
    if (signal.aborted) end();
  });
}
