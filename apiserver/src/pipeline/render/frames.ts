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
  return new ScopeFrames(scope);
}

/** A class, for each watch has one, and keeps of its request only what frames are made of. */
class ScopeFrames implements Frames {
  readonly #scope: Pick<RequestScope, 'server' | 'resource' | 'representation'>;
  readonly #apiVersion: string;
  /** Of what is encoded once for all. */
  readonly #shape: string;
  readonly #table: ReturnType<typeof tableOptions> | undefined;
  #headed = false;

  constructor(scope: RequestScope) {
    const { encoding, form, metaVersion } = scope.representation;
    const { definition, version } = scope.resource;
    this.#scope = { server: scope.server, resource: scope.resource, representation: scope.representation };
    this.#apiVersion = apiVersionOf({ group: definition.group, version: version.name });
    this.#table = form === 'Table' ? tableOptions(scope) : undefined;
    this.#shape = `${this.#apiVersion} ${encoding} ${form} ${metaVersion} ${this.#table?.include ?? ''}`;
  }

  initial(entry: Entry): Uint8Array {
    const frame = this.#encode('ADDED', this.#show(servedEntry(this.#current(), entry)));
    this.#headed = true;
    return frame;
  }

  event(event: StoreEvent, type: 'ADDED' | 'MODIFIED' | 'DELETED', shown: Entry): Uint8Array {
    const cacheable = this.#table === undefined || this.#headed;
    const key = `${this.#shape} ${type} ${shown === event.entry ? '' : 'previous'}`;
    const known = cacheable ? event.frames.get(key) : undefined;
    if (known !== undefined) return known;
    const frame = this.#encode(type, this.#show(servedEntry(this.#current(), shown, event.revision)));
    this.#scope.server.observer?.watchEncoding(storageName(this.#scope.resource.definition));
    this.#headed = true;
    if (cacheable) event.frames.set(key, frame as Buffer);
    return frame;
  }

  bookmark(revision: Revision, initialEventsEnd: boolean): Uint8Array {
    const metadata: JsonObject = {
      resourceVersion: String(revision),
      ...(initialEventsEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    const object: JsonObject = { kind: this.#scope.resource.definition.kind, apiVersion: this.#apiVersion, metadata };
    return this.#encode('BOOKMARK', this.#bookmarkObject(object, revision));
  }

  error(error: ApiError): Uint8Array {
    return this.#encode('ERROR', error.status as unknown as JsonObject);
  }

  /** The definition may have been replaced while the watch runs; it ends when the version goes. KA-108 */
  #current(): ResolvedResource {
    const { server, resource } = this.#scope;
    const { definition, version } = resource;
    return server.registry.resolve(definition.group, version.name, definition.plural) ?? resource;
  }

  #encode(type: FrameType, object: ServedObject | JsonObject): Uint8Array {
    const isProtobuf = this.#scope.representation.encoding === 'protobuf';
    return isProtobuf ? protobufFrame(type, decodedOf(object), this.#scope) : jsonFrame(type, object);
  }

  #show(object: ServedObject): ServedObject | JsonObject {
    const { representation, server } = this.#scope;
    const { form, metaVersion } = representation;
    if (this.#table === undefined) return form === 'Object' ? object : partialMetadata(object.value(), metaVersion);
    const columns = this.#headed ? [] : this.#current().version.columns;
    const head = tableHead({ resourceVersion: revisionOf(object) }, columns, metaVersion);
    const { columnDefinitions = [], ...rest } = head;
    const rows = [tableRow(object, { ...this.#table, resource: this.#current(), now: server.clock.now() })];
    // Null where a client shall keep the columns that it has.
    return { ...rest, columnDefinitions: this.#headed ? null : columnDefinitions, rows };
  }

  /** KA-32: bookmarks of a Table watch are Tables whose row object carries the version. */
  #bookmarkObject(object: JsonObject, revision: Revision): JsonObject {
    const { form, metaVersion } = this.#scope.representation;
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
        const cells = this.#current().version.columns.map(() => null);
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
function protobufFrame(type: FrameType, object: JsonObject, scope: Pick<RequestScope, 'server'>): Buffer {
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
