import { apiError, badRequest, StatusReason } from '@quarterdeck/apis';
import {
  decodeJson,
  decodeKubeProtobuf,
  decodeYaml,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type WireProblem,
} from '@quarterdeck/machinery';
import type { ResolvedResource } from '../registry/registry.ts';
import { contentTypes, type Encoding } from './accept.ts';
import { readBody } from './body.ts';
import type { ApiRequest } from './http-message.ts';
import { parseMediaType } from './media-type.ts';
import type { ServerParts } from './scope.ts';

export interface DecodedBody {
  readonly value: JsonObject;
  /** Duplicate keys, for fieldValidation. */
  readonly problems: readonly WireProblem[];
}

/**
 * Reads a request's body as one object, by its Content-Type; none means JSON. KA-27
 * @returns undefined when the body is empty
 * @throws ApiError UnsupportedMediaType, BadRequest, RequestEntityTooLarge
 */
export async function decodeBody(
  request: ApiRequest,
  accepted: readonly Encoding[],
  server: Pick<ServerParts, 'protobufTables'>,
): Promise<DecodedBody | undefined> {
  const encoding = encodingOf(request.headers['content-type'], accepted);
  const bytes = await readBody(request);
  if (bytes.byteLength === 0) return undefined;
  switch (encoding) {
    case 'json':
      return asObject(decodeJson(bytes));
    case 'yaml':
      return asObject(decodeYaml(bytes));
    case 'protobuf': {
      const { apiVersion, kind, value } = decodeKubeProtobuf(bytes, server.protobufTables);
      return { value: { ...value, apiVersion, kind }, problems: [] };
    }
    default:
      return encoding satisfies never;
  }
}

/** Custom kinds have no protobuf form. */
export function bodyEncodings(resource: ResolvedResource): readonly Encoding[] {
  return resource.definition.origin === 'builtin' ? ['json', 'yaml', 'protobuf'] : ['json', 'yaml'];
}

function encodingOf(contentType: string | undefined, accepted: readonly Encoding[]): Encoding {
  if (contentType === undefined || contentType.trim() === '') return 'json';
  const media = parseMediaType(contentType);
  const found = accepted.find((encoding) => contentTypes[encoding] === media?.name);
  if (found !== undefined) return found;
  throw unsupportedMediaType(accepted.map((encoding) => contentTypes[encoding]));
}

/** KA-27, KA-67 */
export function unsupportedMediaType(accepted: readonly string[]) {
  return apiError(
    StatusReason.UnsupportedMediaType,
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}

function asObject({ value, problems }: { value: JsonValue; problems: readonly WireProblem[] }): DecodedBody {
  if (!isJsonObject(value)) throw badRequest('the body of the request must be one object');
  return { value, problems };
}
