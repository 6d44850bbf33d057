/** Name rules of Kubernetes. Each returns what is wrong, in words; nothing when the text is good. KA-46, KA-47 */

const labelPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const subdomainPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const qualifiedNamePattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const labelValuePattern = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

const tooLong = (limit: number) => `must be no more than ${limit} characters`;

/** One DNS-1123 label, at most 63 characters: namespaces. */
export function dnsLabelProblems(text: string): string[] {
  return [
    ...(text.length > 63 ? [tooLong(63)] : []),
    ...(labelPattern.test(text)
      ? []
      : [
          "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name', or '123-abc')",
        ]),
  ];
}

/** A DNS-1123 subdomain, at most 253 characters: most kinds. */
export function dnsSubdomainProblems(text: string): string[] {
  return [
    ...(text.length > 253 ? [tooLong(253)] : []),
    ...(subdomainPattern.test(text)
      ? []
      : [
          "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')",
        ]),
  ];
}

/** Any text that can be one segment of a URL path: RBAC kinds. */
export function pathSegmentProblems(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%']
    .filter((character) => text.includes(character))
    .map((character) => `may not contain '${character}'`);
}

/** A label key, finalizer or condition type: optional DNS prefix and `/`, then a name of at most 63 characters. */
export function qualifiedNameProblems(text: string): string[] {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  if (parts.length > 2) {
    return ['a qualified name must be a name with an optional DNS subdomain prefix and one "/" between them'];
  }
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  return [
    ...(prefix === '' ? ['prefix part must be non-empty'] : []),
    ...(prefix === undefined || prefix === ''
      ? []
      : dnsSubdomainProblems(prefix).map((problem) => `prefix part ${problem}`)),
    ...(name === '' ? ['name part must be non-empty'] : []),
    ...(name.length > 63 ? [`name part ${tooLong(63)}`] : []),
    ...(name === '' || qualifiedNamePattern.test(name)
      ? []
      : [
          "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name')",
        ]),
  ];
}

/** A label's value: empty, or at most 63 characters. */
export function labelValueProblems(text: string): string[] {
  return [
    ...(text.length > 63 ? [tooLong(63)] : []),
    ...(labelValuePattern.test(text)
      ? []
      : [
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue', or 'my_value')",
        ]),
  ];
}

/** A key of a ConfigMap or Secret. KA-116 */
export function configKeyProblems(text: string): string[] {
  if (text === '.' || text === '..') return [`must not be '${text}'`];
  return [
    ...(text.startsWith('..') ? ["must not start with '..'"] : []),
    ...(text.length > 253 ? [tooLong(253)] : []),
    ...(/^[-._a-zA-Z0-9]+$/.test(text)
      ? []
      : [
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', or 'KEY_NAME')",
        ]),
  ];
}
