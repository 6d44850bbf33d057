import { goQuote, type JsonObject, uncheckedFormats, unknownKeywords } from '@quarterdeck/machinery';
import { schemaOf, versionsOf } from './crd-object.ts';

/** What is accepted and yet has no effect: formats that nobody checks, keywords that mean nothing. KA-61, KA-97 */
export function crdWarnings(crd: JsonObject): string[] {
  const found = versionsOf(crd).flatMap((version, index) => {
    const schema = schemaOf(version);
    if (schema === undefined) return [];
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    return [
      ...unknownKeywords(schema, path).map((keyword) => `unknown field "${keyword}"`),
      ...uncheckedFormats(schema).map((format) => `unrecognized format ${goQuote(format)}`),
    ];
  });
  return [...new Set(found)];
}
