import { goQuote, type JsonObject, uncheckedFormats } from '@quarterdeck/machinery';
import { schemaOf, versionsOf } from './crd-object.ts';

/** What is accepted and yet has no effect: formats that nobody checks. KA-97 */
export function crdWarnings(crd: JsonObject): string[] {
  const found = versionsOf(crd).flatMap((version) => {
    const schema = schemaOf(version);
    return schema === undefined ? [] : uncheckedFormats(schema);
  });
  return [...new Set(found)].map((format) => `unrecognized format ${goQuote(format)}`);
}
