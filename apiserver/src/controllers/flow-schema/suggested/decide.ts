import { equalValues, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { numberAt, objectAt, withValue } from '../../../registry/fields.ts';

/** Says whether the server may bring the spec of an object up to date. */
export const autoUpdateAnnotation = 'apf.kubernetes.io/autoupdate-spec';

const booleans: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
};

/** What its annotation says; without a word of it, whether nobody has changed the spec so far. */
function isUpdated(stored: JsonObject): boolean {
  return said(stored) ?? numberAt(stored, 'metadata', 'generation') === 1;
}

const said = (stored: JsonObject): boolean | undefined => {
  const value: JsonValue | undefined = objectAt(stored, 'metadata', 'annotations')[autoUpdateAnnotation];
  return typeof value === 'string' && Object.hasOwn(booleans, value) ? booleans[value] : undefined;
};

/**
 * A suggested object as it shall be: with the spec of this release unless an administrator has taken it over, and with an
 * annotation that says which of the two. Pure. KA-2
 * @returns undefined when nothing is to be done
 */
export function decide(stored: JsonObject, spec: JsonObject): JsonObject | undefined {
  const updated = isUpdated(stored);
  const annotated =
    said(stored) === updated
      ? stored
      : withValue(stored, ['metadata', 'annotations'], {
          ...objectAt(stored, 'metadata', 'annotations'),
          [autoUpdateAnnotation]: String(updated),
        });
  if (!updated || equalValues(objectAt(stored, 'spec'), spec)) return annotated === stored ? undefined : annotated;
  return { ...annotated, spec };
}
