import { apiVersionOf } from '@quarterdeck/apis';
import { encodeJson, encodeKubeProtobuf, encodeYaml, type JsonObject } from '@quarterdeck/machinery';
import { contentTypes, type Representation } from '../accept.ts';
import type { ApiResponse } from '../http-message.ts';
import { indentJson } from '../indent.ts';
import type { Answer, ListAnswer, RequestScope } from '../scope.ts';
import { type ServedObject, withoutType } from '../served.ts';
import { parseIncludeObject, partialMetadata, type TableOptions, tableHead, tableRow } from './table.ts';

/** Lists above this go out in pieces, so that many large lists at once do not add up. KA-84 */
const pieceBytes = 256 * 1024;

/**
 * Writes an answer as the client wants to see it; a list of somebody outside of this process only where there is room.
 * @throws ApiError TooManyRequests. F-31
 */
export function render(scope: RequestScope, answer: Answer): ApiResponse {
  const { listRoom } = scope.server;
  const isAsked = scope.info.verb === 'list' && scope.request.peer.type === 'network';
  // What a deletion of a collection says is not refused: it has happened.
  if (answer.type !== 'list' || listRoom === undefined || !isAsked) return write(scope, answer);
  scope.signal.throwIfAborted();
  const release = listRoom.take({ bytes: answer.bytes, inPieces: isInPieces(scope.representation) });
  scope.signal.addEventListener('abort', release, { once: true });
  try {
    return { ...write(scope, answer), onSent: release };
  } catch (error) {
    release();
    throw error;
  }
}

function write(scope: RequestScope, answer: Answer): ApiResponse {
  switch (answer.type) {
    case 'object':
      return renderObject(scope, answer.status, answer.object);
    case 'list':
      return renderList(scope, answer);
    case 'document':
      return renderDocument(answer.status, answer.value, scope.representation, scope);
    case 'watch':
      return { status: 200, headers: watchHeaders(scope.representation), body: answer.chunks };
    default:
      return answer satisfies never;
  }
}

function watchHeaders({ encoding }: Representation): Record<string, string> {
  return { 'content-type': encoding === 'protobuf' ? `${contentTypes.protobuf};stream=watch` : contentTypes.json };
}

/** A document in the client's encoding; the form is the document's own. */
export function renderDocument(
  status: number,
  value: JsonObject,
  representation: Representation,
  scope?: Pick<RequestScope, 'server'>,
): ApiResponse {
  return { status, headers: headersOf(representation), body: encodeDocument(value, representation, scope) };
}

/** The body itself says that it is a Table; its media type does not. KA-32 */
function headersOf({ encoding }: Representation): Record<string, string> {
  return { 'content-type': contentTypes[encoding] };
}

function encodeDocument(
  value: JsonObject,
  { encoding, pretty }: Representation,
  scope?: Pick<RequestScope, 'server'>,
): Uint8Array {
  switch (encoding) {
    case 'json':
      return Buffer.from(pretty ? indentJson(encodeJson(value)) : encodeJson(value), 'utf8');
    case 'yaml':
      return Buffer.from(encodeYaml(value), 'utf8');
    case 'protobuf':
      if (scope === undefined) return Buffer.from(encodeJson(value), 'utf8');
      return encodeKubeProtobuf(value, scope.server.protobufTables);
    default:
      return encoding satisfies never;
  }
}

function renderObject(scope: RequestScope, status: number, object: ServedObject): ApiResponse {
  const { representation } = scope;
  switch (representation.form) {
    case 'Object': {
      if (representation.encoding !== 'json' || representation.pretty) {
        return renderDocument(status, object.value(), representation, scope);
      }
      const [header, body] = object.json();
      return { status, headers: headersOf(representation), body: Buffer.concat([Buffer.from(header, 'utf8'), body]) };
    }
    case 'Table': {
      const options = tableOptions(scope);
      const meta = object.value().metadata as JsonObject;
      const head = tableHead(
        { resourceVersion: meta.resourceVersion ?? '' },
        scope.resource.version.columns,
        options.metaVersion,
      );
      return renderDocument(status, { ...head, rows: [tableRow(object, options)] }, representation, scope);
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return renderDocument(status, partialMetadata(object.value(), representation.metaVersion), representation, scope);
    default:
      return representation.form satisfies never;
  }
}

export function tableOptions(scope: RequestScope): TableOptions {
  return {
    resource: scope.resource,
    metaVersion: scope.representation.metaVersion,
    include: parseIncludeObject(scope.request.query),
    now: scope.now,
  };
}

function renderList(scope: RequestScope, answer: ListAnswer): ApiResponse {
  const { representation, resource } = scope;
  const metadata: JsonObject = {
    resourceVersion: String(answer.revision),
    ...continuation(answer, resource.definition.origin === 'custom' && representation.form === 'Object'),
    ...(answer.remaining === undefined ? {} : { remainingItemCount: answer.remaining }),
  };
  switch (representation.form) {
    case 'Object': {
      const { definition, version } = resource;
      const head: JsonObject = {
        kind: definition.listKind,
        apiVersion: apiVersionOf({ group: definition.group, version: version.name }),
        metadata,
      };
      // The list says the type of its items once; those of custom kinds say it themselves all the same. KA-82
      const bare = definition.origin === 'builtin';
      return pieces(scope, head, { field: 'items', items: answer.items, bare, show: (item) => item });
    }
    case 'Table': {
      const options = tableOptions(scope);
      const head = tableHead(metadata, resource.version.columns, options.metaVersion);
      return pieces(scope, head, { field: 'rows', items: answer.items, show: (item) => tableRow(item, options) });
    }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList': {
      const apiVersion = `meta.k8s.io/${representation.metaVersion}`;
      const head: JsonObject = { kind: 'PartialObjectMetadataList', apiVersion, metadata };
      const show = (item: ServedObject) => partialMetadata(item.value(), representation.metaVersion);
      return pieces(scope, head, { field: 'items', items: answer.items, show });
    }
    default:
      return representation.form satisfies never;
  }
}

/** Lists of custom objects say that there is no more; those of built-in ones say nothing. */
function continuation({ continueToken }: ListAnswer, isSpoken: boolean): JsonObject {
  if (continueToken !== undefined) return { continue: continueToken };
  return isSpoken ? { continue: '' } : {};
}

type Shown = ServedObject | JsonObject;
const isServed = (shown: Shown): shown is ServedObject => typeof shown.json === 'function';

interface ShownList {
  /** Of the document: its last. */
  readonly field: string;
  readonly items: Iterable<ServedObject>;
  /** Objects are shown without apiVersion and kind. Default false. */
  readonly bare?: boolean;
  readonly show: (item: ServedObject) => Shown;
}

/** Whether a list is put together from the stored bytes while it is sent; otherwise it is encoded as a whole. */
const isInPieces = ({ encoding, pretty }: Representation): boolean => encoding === 'json' && !pretty;

/** A document whose last field is a list. Compact JSON is put together from the stored bytes, in pieces. */
function pieces(scope: RequestScope, head: JsonObject, list: ShownList): ApiResponse {
  const { representation } = scope;
  if (!isInPieces(representation)) {
    const values = Array.from(list.items, (item) => {
      const shown = list.show(item);
      if (!isServed(shown)) return shown;
      return list.bare === true ? withoutType(shown.value()) : shown.value();
    });
    return renderDocument(200, { ...head, [list.field]: values }, representation, scope);
  }
  const chunks = listChunks(`${encodeJson(head).slice(0, -1)},"${list.field}":[`, list);
  const first = chunks.next();
  const second = chunks.next();
  const headers = headersOf(representation);
  if (first.done === true) return { status: 200, headers, body: Buffer.alloc(0) };
  if (second.done === true) return { status: 200, headers, body: first.value };
  return { status: 200, headers, body: stream(first.value, second.value, chunks) };
}

function* listChunks(start: string, { items, show, bare }: ShownList): Generator<Buffer, undefined> {
  let parts: Buffer[] = [Buffer.from(start, 'utf8')];
  let size = 0;
  let separator = '';
  for (const item of items) {
    const shown = show(item);
    const [header, body] = isServed(shown) ? shown.json(bare) : [encodeJson(shown), Buffer.alloc(0)];
    const prefix = Buffer.from(separator + header, 'utf8');
    separator = ',';
    parts.push(prefix, body);
    size += prefix.byteLength + body.byteLength;
    if (size < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  parts.push(Buffer.from(']}', 'utf8'));
  yield Buffer.concat(parts);
  return undefined;
}

async function* stream(first: Buffer, second: Buffer, rest: Iterable<Buffer>): AsyncGenerator<Uint8Array> {
  yield first;
  yield second;
  yield* rest;
}
