import type { ServerHttp2Stream } from 'node:http2';
import { ApiError, StatusReason } from '@quarterdeck/apis';
import { type Caller, type Client, decodeTokenAccount, encodeJson, type Logger } from '@quarterdeck/machinery';
import { issueToken } from '../issue-token.ts';
import { tokenProblem } from './policy.ts';
import type { PolicySource } from './policy-source.ts';
import { refuse, unusablePolicy } from './refuse.ts';

/** The shortest that Kubernetes issues. */
const lifetimeSeconds = 600;

export interface TokenIssuing {
  /** With the agent's own rights. */
  readonly memberClient: Pick<Client, 'create'>;
  readonly policy: PolicySource;
  readonly logger: Logger;
}

/**
 * Gives a user of the hub a token of a service account of the member: only of one that the member's administrator listed,
 * and only by a right that he gave to the agent. RG-51
 * @param header the service account, as the hub named it
 */
export async function serveToken(
  { memberClient, policy, logger }: TokenIssuing,
  stream: ServerHttp2Stream,
  { caller, header }: { readonly caller: Caller; readonly header: string },
): Promise<void> {
  stream.resume();
  const account = decodeTokenAccount(header);
  if (account === undefined) return refuse(stream, StatusReason.BadRequest, 'the hub names no service account');
  const state = policy.current();
  const problem = state.type === 'known' ? tokenProblem(state.policy, caller, account) : unusablePolicy;
  if (problem !== undefined) return refuse(stream, StatusReason.Forbidden, problem);
  try {
    const issued = await issueToken(memberClient, account, lifetimeSeconds);
    if (stream.destroyed) return;
    logger.info({ user: caller.user, account: `${account.namespace}/${account.name}` }, 'a token was issued');
    stream.respond({ ':status': 201, 'content-type': 'application/json' });
    stream.end(encodeJson({ ...issued }));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    logger.warn({ why, account: `${account.namespace}/${account.name}` }, 'a token could not be issued');
    const reason = error instanceof ApiError && error.code === 404 ? StatusReason.NotFound : StatusReason.Forbidden;
    refuse(stream, reason, `the agent of this member could not make a token: ${why}`);
  }
}
