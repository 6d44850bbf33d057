import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { type Duplex, pipeline, type Writable } from 'node:stream';
import { StatusReason } from '@quarterdeck/apis';
import {
  answerHeaders,
  type Caller,
  decodeCaller,
  nodeHttp,
  requestHeaders,
  resetStream,
  switchingHeaders,
  targetProblem,
  tunnelHeader,
} from '@quarterdeck/machinery';
import type { TunnelToken } from './member-token.ts';
import { judgeCaller, type Verdict } from './policy.ts';
import type { PolicySource } from './policy-source.ts';
import { refuse, unusablePolicy } from './refuse.ts';
import { serveToken, type TokenIssuing } from './serve-token.ts';
import { type TunnelVerb, verbOf } from './verb.ts';

export interface MemberSide extends TokenIssuing {
  /** Connections to the member's API, without credentials. */
  readonly agent: HttpAgent;
  /** `https://host:port[/prefix]` of it. */
  readonly baseUrl: URL;
  readonly token: TunnelToken;
}

/** A request being carried: judged again when the policy changes. */
export interface Carried {
  readonly caller: Caller;
  readonly verb: TunnelVerb;
  readonly verdict: Verdict;
  cut(): void;
}

/**
 * Carries one request of the hub to the member's API: as the user whom the member's own rules make of the caller, by the
 * tunnel's own right to impersonate. What the hub says of identity beyond the caller's name is dropped. RG-50, SEC-6
 * @returns what is being carried; undefined when the request was refused
 */
export async function serveRequest(
  member: MemberSide,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<Carried | undefined> {
  const caller = decodeCaller(single(headers[tunnelHeader.caller]));
  const [method, target] = [headers[':method'] ?? '', headers[':path'] ?? ''];
  const problem = caller === undefined ? 'the hub does not say who asks' : targetProblem(target);
  if (caller === undefined || problem !== undefined) {
    refuse(stream, StatusReason.BadRequest, problem ?? '');
    return undefined;
  }
  const wantsToken = single(headers[tunnelHeader.token]);
  if (wantsToken !== undefined) {
    await serveToken(member, stream, { caller, header: wantsToken });
    return undefined;
  }
  const verb = verbOf(method, target);
  const early = judge(member.policy, caller, verb);
  if (early.type === 'refused') {
    refuse(stream, StatusReason.Forbidden, early.why);
    return undefined;
  }
  const token = await member.token.current().catch((error: unknown) => {
    member.logger.error({ err: error }, 'no token of the service account of the tunnel; are its rights installed?');
    return undefined;
  });
  if (token === undefined) {
    refuse(stream, StatusReason.ServiceUnavailable, 'the agent of this member has no right to let anybody through');
    return undefined;
  }
  if (stream.destroyed) return undefined;
  // The rules may have changed while the token was awaited, when nobody knew of this request yet that would have to be cut.
  const verdict = judge(member.policy, caller, verb);
  if (verdict.type === 'refused') {
    refuse(stream, StatusReason.Forbidden, verdict.why);
    return undefined;
  }
  carry(member, stream, headers, { ...verdict, token });
  return { caller, verb, verdict, cut: () => resetStream(stream) };
}

/** The member's rules, as they are now. */
export function judge(source: PolicySource, caller: Caller, verb: TunnelVerb): Verdict {
  const state = source.current();
  if (state.type === 'known') return judgeCaller(state.policy, caller, verb);
  return { type: 'refused', why: unusablePolicy };
}

interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
  readonly token: string;
}

function carry(member: MemberSide, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, identity: Identity): void {
  const upgrade = single(headers[tunnelHeader.upgrade]);
  const isEmpty = stream.endAfterHeaders || upgrade !== undefined;
  const asking = nodeHttp.request({
    agent: member.agent,
    method: headers[':method'],
    path: `${member.baseUrl.pathname.replace(/\/$/, '')}${headers[':path']}`,
    setDefaultHeaders: false,
    headers: {
      ...requestHeaders(headers),
      // Without a length the end of a body must be told by chunks, whatever the method.
      ...(isEmpty || headers['content-length'] !== undefined ? {} : { 'transfer-encoding': 'chunked' }),
      ...(upgrade === undefined ? {} : { connection: 'Upgrade', upgrade }),
      host: member.baseUrl.host,
      authorization: `Bearer ${identity.token}`,
      'impersonate-user': bytes(identity.user),
      ...(identity.groups.length === 0 ? {} : { 'impersonate-group': identity.groups.map(bytes) }),
    },
  });
  const leave = () => asking.destroy();
  stream.once('close', leave);
  asking.on('error', (error) => {
    // A server may close a kept connection just as it is used again; reading twice does no harm, and the next is another one.
    const wasClosedBefore = asking.reusedSocket && !stream.headersSent && !stream.destroyed;
    if (!wasClosedBefore || !isEmpty || !isRead(headers)) return broke(member, stream, error);
    stream.off('close', leave);
    carry(member, stream, headers, identity);
  });
  asking.once('response', (answer) => pass(member, stream, answer));
  asking.once('upgrade', (answer: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined);
    if (stream.destroyed) return void socket.destroy();
    const passed = switchingHeaders(answerHeaders(answer.headers));
    stream.respond({ ':status': 200, ...passed, [tunnelHeader.switched]: '101' });
    if (head.byteLength > 0) socket.unshift(head);
    join(stream, socket);
  });
  send(stream, asking, isEmpty);
}

const isRead = ({ ':method': method }: IncomingHttpHeaders): boolean => method === 'GET' || method === 'HEAD';

function send(stream: ServerHttp2Stream, asking: ClientRequest, isEmpty: boolean): void {
  if (isEmpty) asking.end();
  else feed(stream, asking);
}

/**
 * Input, for as long as the member takes it. Not by `pipeline`: a member that takes no more has perhaps answered, and that
 * would break the stream off under its answer. RG-52
 */
function feed(stream: ServerHttp2Stream, member: Writable): void {
  stream.pipe(member);
  member.once('close', () => {
    stream.unpipe(member);
    stream.resume();
  });
}

function pass(member: MemberSide, stream: ServerHttp2Stream, answer: IncomingMessage): void {
  if (stream.destroyed || stream.headersSent) return void answer.destroy();
  if (answer.statusCode === 401) member.token.forget();
  stream.respond({ ':status': answer.statusCode ?? 502, ...answerHeaders(answer.headers) });
  // An answer that breaks off must not look complete.
  pipeline(answer, stream, (error) => {
    if (error) resetStream(stream);
  });
}

/** Both ways, each end by itself, as TCP has it; nothing of it is looked at. RG-52 */
function join(stream: ServerHttp2Stream, socket: Duplex): void {
  socket.allowHalfOpen = true;
  feed(stream, socket);
  stream.once('close', () => {
    if (!stream.readableEnded) socket.destroy();
  });
  pipeline(socket, stream, (error) => {
    if (error) resetStream(stream);
  });
}

function broke({ logger }: MemberSide, stream: ServerHttp2Stream, error: Error): void {
  if (stream.destroyed || stream.closed) return;
  logger.debug({ err: error }, 'a request to the member broke');
  // An answer under way tells by itself whether it is whole.
  if (!stream.headersSent)
    refuse(stream, StatusReason.ServiceUnavailable, `this member's API does not answer its agent: ${error.message}`);
}

const single = (value: string | string[] | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Headers carry bytes; names are UTF-8. */
const bytes = (name: string): string => Buffer.from(name, 'utf8').toString('latin1');
