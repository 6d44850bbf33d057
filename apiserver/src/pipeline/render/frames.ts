import { type ApiError, apiVersionOf } from '@quarterdeck/apis';
import { encodeJson, encodeKubeProtobuf, type JsonObject } from '@quarterdeck/machinery';
import type { Entry, StoreEvent } from '../../cache/store.ts';
import { type ResolvedResource, storageName } from '../../registry/registry.ts';
import type { Revision } from '../../storage/storage.ts';
import type { RequestScope } from '../scope.ts';
import { type ServedObject, servedEntry } from '../served.ts';
import { tableOptions } from './render.ts';
import { partialMetadata, tableHead, tableRow } from './table.ts';

export type FrameType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

/** Writes the events of one watch. Live events are encoded once for all watches of the same representation. KA-93 */
export interface Frames {
  /** A part of the first state. */
  initial(entry: Entry): Uint8Array;
  /** `shown` is the event's entry, or the one before it when the object left the selection. */
  event(event: StoreEvent, type: 'ADDED' | 'MODIFIED' | 'DELETED', shown: Entry): Uint8Array;
  bookmark(revision: Revision, initialEventsEnd: boolean): Uint8Array;
  error(error: ApiError): Uint8Array;
}

export function createFrames(scope: RequestScope): Frames {
  const { representation, server } = scope;
  const { definition, version } = scope.resource;
  const apiVersion = apiVersionOf({ group: definition.group, version: version.name });
  const table = representation.form === 'Table' ? tableOptions(scope) : undefined;
  const { encoding, form, metaVersion } = representation;
  const shape = `${apiVersion} ${encoding} ${form} ${metaVersion} ${table?.include ?? ''}`;
  let headed = false;

  /** The definition may have been replaced while the watch runs; it ends when the version goes. KA-108 */
  const current = (): ResolvedResource =>
    server.registry.resolve(definition.group, version.name, definition.plural) ?? scope.resource;

  const encode = (type: FrameType, object: ServedObject | JsonObject): Uint8Array =>
    encoding === 'protobuf' ? protobufFrame(type, decodedOf(object), scope) : jsonFrame(type, object);

  const show = (object: ServedObject): ServedObject | JsonObject => {
    if (table !== undefined) {
      const head = tableHead(
        { resourceVersion: revisionOf(object) },
        headed ? [] : current().version.columns,
        metaVersion,
      );
      const { columnDefinitions = [], ...rest } = head;
      const rows = [tableRow(object, { ...table, resource: current(), now: server.clock.now() })];
      // Null where a client shall keep the columns that it has.
      return { ...rest, columnDefinitions: headed ? null : columnDefinitions, rows };
    }
    return form === 'Object' ? object : partialMetadata(object.value(), metaVersion);
  };

  return {
    initial(entry) {
      const frame = encode('ADDED', show(servedEntry(current(), entry)));
      headed = true;
      return frame;
    },
    event(event, type, shown) {
      const cacheable = table === undefined || headed;
      const key = `${shape} ${type} ${shown === event.entry ? '' : 'previous'}`;
      const known = cacheable ? event.frames.get(key) : undefined;
      if (known !== undefined) return known;
      const frame = encode(type, show(servedEntry(current(), shown, event.revision)));
      server.observer?.watchEncoding(storageName(definition));
      headed = true;
      if (cacheable) event.frames.set(key, frame as Buffer);
      return frame;
    },
    bookmark(revision, initialEventsEnd) {
      const metadata: JsonObject = {
        resourceVersion: String(revision),
        ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
      };
      const object: JsonObject = { kind: definition.kind, apiVersion, metadata };
      return encode('BOOKMARK', bookmarkObject(object, revision));
    },
    error: (error) => encode('ERROR', error.status as unknown as JsonObject),
  };

  /** KA-32: bookmarks of a Table watch are Tables whose row object carries the version. */
  function bookmarkObject(object: JsonObject, revision: Revision): JsonObject {
    switch (form) {
      case 'Object':
        return object;
      case 'PartialObjectMetadata':
      case 'PartialObjectMetadataList':
        return partialMetadata(object, metaVersion);
      case 'Table': {
        const { columnDefinitions: _columns, ...head } = tableHead(
          { resourceVersion: String(revision) },
          [],
          metaVersion,
        );
        const cells = current().version.columns.map(() => null);
        return { ...head, rows: [{ cells, object: partialMetadata(object, metaVersion) }] };
      }
      default:
        return form satisfies never;
    }
  }
}

const isServed = (object: ServedObject | JsonObject): object is ServedObject => typeof object.json === 'function';

function decodedOf(object: ServedObject | JsonObject): JsonObject {
  return isServed(object) ? object.value() : object;
}

function revisionOf(object: ServedObject): string {
  return String((object.value().metadata as JsonObject).resourceVersion ?? '');
}

const frameEnd = Buffer.from('}\n');

function jsonFrame(type: FrameType, object: ServedObject | JsonObject): Buffer {
  const start = `{"type":"${type}","object":`;
  if (!isServed(object)) return Buffer.from(`${start}${encodeJson(object)}}\n`, 'utf8');
  const [header, body] = object.json();
  return Buffer.concat([Buffer.from(start + header, 'utf8'), body, frameEnd]);
}

/** KA-85: four bytes of length, then WatchEvent {1 type, 2 RawExtension {1 raw}}. */
function protobufFrame(type: FrameType, object: JsonObject, scope: RequestScope): Buffer {
  const raw = encodeKubeProtobuf(object, scope.server.protobufTables);
  const event = Buffer.concat([lengthDelimited(1, Buffer.from(type)), lengthDelimited(2, lengthDelimited(1, raw))]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(event.byteLength);
  return Buffer.concat([length, event]);
}

function lengthDelimited(field: number, bytes: Uint8Array): Buffer {
  const head: number[] = [(field << 3) | 2];
  let rest = bytes.byteLength;
  while (rest > 0x7f) {
    head.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  head.push(rest);
  return Buffer.concat([Buffer.from(head), bytes]);
}
