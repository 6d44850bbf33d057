/** The syntax of label keys and values. KA-47 */

const namePart = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const dnsSubdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** What is wrong with a label key, as a clause ("must ..."); undefined when nothing is. KA-47 */
export function labelKeyProblem(key: string): string | undefined {
  const parts = key.split('/');
  if (parts.length > 2) return 'must be a name, or a DNS prefix, "/" and a name';
  const name = parts[parts.length - 1] ?? '';
  const prefix = parts.length === 2 ? parts[0] : undefined;
  if (prefix !== undefined && (prefix.length > 253 || !dnsSubdomain.test(prefix))) {
    return 'must have a lower-case DNS name of at most 253 characters before the "/"';
  }
  if (name.length === 0) return 'must have a name';
  if (name.length > 63) return 'must have a name of at most 63 characters';
  if (!namePart.test(name)) {
    return 'must have a name of letters, digits, "-", "_" and ".", starting and ending with a letter or digit';
  }
  return undefined;
}

/** What is wrong with a label value, as a clause; undefined when nothing is. Empty is fine. KA-47 */
export function labelValueProblem(value: string): string | undefined {
  if (value.length > 63) return 'must have at most 63 characters';
  if (value !== '' && !namePart.test(value)) {
    return 'must be empty, or letters, digits, "-", "_" and ".", starting and ending with a letter or digit';
  }
  return undefined;
}
