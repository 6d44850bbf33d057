import { decodeJson, encodeJson } from '../wire/json.ts';
import { isJsonObject } from '../wire/value.ts';

/** A service account of a member, for which a token is asked. */
export interface TokenAccount {
  readonly namespace: string;
  readonly name: string;
}

/** What a namespace may be called. */
const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?$/;

export const isTokenAccount = ({ namespace, name }: TokenAccount): boolean =>
  label.test(namespace) && subdomain.test(name);

/** As a header value. */
export const encodeTokenAccount = ({ namespace, name }: TokenAccount): string =>
  encodeURIComponent(encodeJson({ namespace, name }));

/** Undefined when it names no service account that there could be. RG-51 */
export function decodeTokenAccount(header: string): TokenAccount | undefined {
  try {
    const { value } = decodeJson(decodeURIComponent(header));
    if (!isJsonObject(value)) return undefined;
    const { namespace, name } = value;
    if (typeof namespace !== 'string' || typeof name !== 'string') return undefined;
    return isTokenAccount({ namespace, name }) ? { namespace, name } : undefined;
  } catch {
    return undefined;
  }
}
