import { decodeJson, encodeJson } from '../wire/json.ts';
import { isJsonObject } from '../wire/value.ts';

/** A user of the hub, as the hub knows it. */
export interface Caller {
  readonly user: string;
  readonly groups: readonly string[];
}

/** Header values are Latin-1 at best, names are not: so the JSON is escaped. */
export const encodeCaller = ({ user, groups }: Caller): string =>
  encodeURIComponent(encodeJson({ user, groups: [...groups] }));

/** Undefined when it says nobody: then nothing is done for it. RG-50, SEC-14 */
export function decodeCaller(header: string | undefined): Caller | undefined {
  try {
    const { value } = decodeJson(decodeURIComponent(header ?? ''));
    if (!isJsonObject(value)) return undefined;
    const { user, groups } = value;
    if (typeof user !== 'string' || user === '' || !Array.isArray(groups)) return undefined;
    if (!groups.every((group) => typeof group === 'string')) return undefined;
    return { user, groups: groups as string[] };
  } catch {
    return undefined;
  }
}
