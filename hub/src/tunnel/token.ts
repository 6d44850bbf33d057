import type { ClientHttp2Stream } from 'node:http2';
import { type ApiError, apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import { type ActionHandler, forbidden } from '@quarterdeck/apiserver';
import {
  decodeJson,
  encodeCaller,
  encodeTokenAccount,
  isJsonObject,
  isTokenAccount,
  type JsonObject,
  objectMetaSchema,
  resetStream,
  type StructuralSchema,
  type TokenAccount,
  tunnelHeader,
} from '@quarterdeck/machinery';
import { answerTo } from './answer-to.ts';
import { notConnected } from './not-connected.ts';
import type { Tunnels } from './tunnels.ts';

const resource = {
  verb: 'create',
  group: 'quarterdeck.dev',
  version: 'v1alpha1',
  resource: 'memberclusters',
  subresource: 'token',
  namespace: '',
} as const;

const text = (description: string): StructuralSchema => ({ type: 'string', description });

/** What is asked and answered. */
export const memberTokenRequestSchema: StructuralSchema = {
  type: 'object',
  description: 'Asks for a short-lived token of a service account of a member cluster.',
  properties: {
    apiVersion: text('The API version of this object.'),
    kind: text('The kind of this object.'),
    metadata: objectMetaSchema,
    spec: {
      type: 'object',
      description: 'What is asked for.',
      required: ['serviceAccount'],
      properties: {
        serviceAccount: {
          type: 'object',
          description: 'A service account of the member, which its administrator listed.',
          required: ['name', 'namespace'],
          properties: { name: text('Its name.'), namespace: text('Its namespace on the member.') },
        },
      },
    },
    status: {
      type: 'object',
      description: 'The answer.',
      properties: {
        token: text('The token.'),
        expirationTimestamp: { ...text('When it ends.'), format: 'date-time' },
      },
    },
  },
};

/**
 * `memberclusters/NAME/token`: a short-lived token of a service account of the member, made by its agent. Besides the right
 * on the member the caller needs the same on `NAME:NAMESPACE:SERVICEACCOUNT`, so that it can be given for one account. RG-51
 */
export const tokenHandler =
  (tunnels: Pick<Tunnels, 'get' | 'isOnlyProcess'>): ActionHandler =>
  async (request, { user, name, dryRun, signal, authorize }) => {
    if (dryRun) throw badRequest('a token cannot be asked for as a dry run');
    const account = accountOf(request);
    const attributes = { ...resource, name: `${name}:${account.namespace}:${account.name}` };
    const decision = await authorize(attributes);
    if (!decision.allowed) throw forbidden({ user, ...attributes }, decision.reason);
    const session = tunnels.get(name);
    if (session === undefined) throw notConnected(name, tunnels);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/',
      [tunnelHeader.caller]: encodeCaller({ user: user.name, groups: user.groups }),
      [tunnelHeader.token]: encodeTokenAccount(account),
    });
    stream.end();
    const { status, body } = await answerOf(stream, name, signal);
    if (status !== 201) throw refusal(status, body);
    return { ...request, status: { token: body.token ?? '', expirationTimestamp: body.expirationTimestamp ?? '' } };
  };

function accountOf({ spec }: JsonObject): TokenAccount {
  const wanted = isJsonObject(spec) && isJsonObject(spec.serviceAccount) ? spec.serviceAccount : {};
  const { namespace, name } = wanted;
  if (typeof namespace === 'string' && typeof name === 'string' && isTokenAccount({ namespace, name })) {
    return { namespace, name };
  }
  throw badRequest('spec.serviceAccount must name a service account of the member: namespace and name');
}

/** An answer holds one token, or says why not. */
const maxBytes = 65_536;

async function answerOf(
  stream: ClientHttp2Stream,
  name: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const cut = () => resetStream(stream);
  signal.addEventListener('abort', cut, { once: true });
  // Whoever waits for the stream, or reads it, is told as well.
  stream.on('error', () => undefined);
  try {
    const headers = await answerTo(stream, signal);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBytes) throw new Error('the agent says too much');
      chunks.push(chunk);
    }
    const { value } = decodeJson(Buffer.concat(chunks).toString('utf8'));
    return { status: Number(headers[':status'] ?? 502), body: isJsonObject(value) ? value : {} };
  } catch (cause) {
    resetStream(stream);
    signal.throwIfAborted();
    const message = `the tunnel of ${name} broke: try again`;
    throw apiError(StatusReason.ServiceUnavailable, message, undefined, { cause });
  } finally {
    signal.removeEventListener('abort', cut);
  }
}

/** The agent's reason, as a refusal of ours. An agent that is too old to know of tokens takes it for a request like any. */
function refusal(status: number, { message }: JsonObject): ApiError {
  const said = typeof message === 'string' ? message : 'the agent of this member gives no tokens: update it';
  if (status === 400) return badRequest(said);
  if (status === 404) return apiError(StatusReason.NotFound, said);
  if (status === 403) return apiError(StatusReason.Forbidden, said);
  return apiError(StatusReason.ServiceUnavailable, said);
}
