import { ByteWriter } from './byte-writer.ts';

/**
 * One frame of a protobuf watch stream: four bytes of length, highest first, then a bare WatchEvent {1 type,
 * 2 object {1 raw}}. KA-29, KA-85
 * @param type ADDED, MODIFIED, DELETED, BOOKMARK or ERROR
 * @param object an encoded object with its envelope; encode it once for all watchers
 */
export function encodeProtobufWatchFrame(type: string, object: Uint8Array): Uint8Array {
  const writer = new ByteWriter();
  writer.raw(object);
  writer.delimit(1, 0);
  writer.delimit(2, 0);
  const beforeType = writer.length;
  writer.string(type);
  writer.delimit(1, beforeType);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(writer.length);
  writer.raw(length);
  return writer.bytes();
}
