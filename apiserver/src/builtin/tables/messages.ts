import { parseMessage } from './compact.ts';
import { packageTexts } from './packages.gen.ts';
import type { MessageRow, MessageTable } from './table.ts';

/** The metadata of an object of any kind, by itself: written in answers, and no kind of its own. KA-33 */
const metadataText = `
meta.v1.PartialObjectMetadata
metadata 1 meta.v1.ObjectMeta always

meta.v1.PartialObjectMetadataList
metadata 1 meta.v1.ListMeta always
items 2 meta.v1.PartialObjectMetadata []
`;

/** The messages of all packages by name, each read from its text when it is asked for first, and frozen. */
export const messages: MessageTable = lazyTable([...packageTexts, metadataText]);

function lazyTable(texts: readonly string[]): MessageTable {
  const table = {};
  for (const paragraph of texts.flatMap((text) => text.trim().split('\n\n'))) {
    const name = paragraph.slice(0, paragraph.search(/[\s]|$/));
    Object.defineProperty(table, name, {
      enumerable: true,
      configurable: true,
      get(): MessageRow {
        const row = deepFreeze(parseMessage(paragraph));
        Object.defineProperty(table, name, { enumerable: true, value: row });
        return row;
      },
    });
  }
  return Object.preventExtensions(table);
}

function deepFreeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) deepFreeze(child);
  return Object.freeze(value);
}
