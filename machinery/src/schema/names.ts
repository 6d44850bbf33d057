/** Name rules of Kubernetes, in its words. Each returns what is wrong; nothing when the text is good. KA-46, KA-47 */

const label1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const subdomain1123 = `${label1123}(\\.${label1123})*`;
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = `(${qualifiedPart})?`;

const whole = (pattern: string) => new RegExp(`^(?:${pattern})$`);
const label1123Pattern = whole(label1123);
const label1035Pattern = whole(label1035);
const subdomain1123Pattern = whole(subdomain1123);
const qualifiedPartPattern = whole(qualifiedPart);
const labelValuePattern = whole(labelValue);

/**
 * Bytes are counted, whatever Kubernetes calls them: characters in names, bytes in labels. No text has more than three
 * per UTF-16 unit, so short ones need no count.
 */
const tooLong = (text: string, limit: number, unit: 'bytes' | 'characters') =>
  text.length * 3 > limit && Buffer.byteLength(text) > limit ? [`must be no more than ${limit} ${unit}`] : [];

function mismatch(message: string, pattern: string, ...examples: string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${pattern}')`;
}

/** A DNS-1123 label: namespaces. At most 63 bytes. */
export function dns1123LabelProblems(text: string): string[] {
  const problems = tooLong(text, 63, 'characters');
  if (label1123Pattern.test(text)) return problems;
  if (subdomain1123Pattern.test(text)) return [...problems, 'must not contain dots'];
  return [
    ...problems,
    mismatch(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
      label1123,
      'my-name',
      '123-abc',
    ),
  ];
}

/** A DNS-1035 label: versions, plurals. At most 63 bytes, and it starts with a letter. */
export function dns1035LabelProblems(text: string): string[] {
  const problems = tooLong(text, 63, 'characters');
  if (label1035Pattern.test(text)) return problems;
  return [
    ...problems,
    mismatch(
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
      label1035,
      'my-name',
      'abc-123',
    ),
  ];
}

/** A DNS-1123 subdomain: names of most kinds, groups. At most 253 bytes. */
export function dns1123SubdomainProblems(text: string): string[] {
  return subdomainProblems(text, 'characters');
}

function subdomainProblems(text: string, unit: 'bytes' | 'characters'): string[] {
  const problems = tooLong(text, 253, unit);
  if (subdomain1123Pattern.test(text)) return problems;
  return [
    ...problems,
    mismatch(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
      subdomain1123,
      'example.com',
    ),
  ];
}

/** Any text that can be one segment of a URL path. */
export function pathSegmentProblems(text: string): string[] {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
}

/** Keys of labels and annotations, finalizers: an optional DNS prefix and `/`, then a name of at most 63 bytes. */
export function qualifiedNameProblems(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [
      `a valid label key ${keyMismatch} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? (parts[0] ?? '') : undefined;
  const problems: string[] = [];
  if (prefix === '') problems.push('prefix part must be non-empty');
  else if (prefix !== undefined) {
    problems.push(...subdomainProblems(prefix, 'bytes').map((problem) => `prefix part ${problem}`));
  }
  if (name === '') problems.push('name part must be non-empty');
  problems.push(...tooLong(name, 63, 'bytes').map((problem) => `name part ${problem}`));
  if (!qualifiedPartPattern.test(name)) problems.push(`name part ${keyMismatch}`);
  return problems;
}

const keyMismatch = mismatch(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  qualifiedPart,
  'MyName',
  'my.name',
  '123-abc',
);

/** A label's value: empty, or at most 63 bytes. */
export function labelValueProblems(text: string): string[] {
  const problems = tooLong(text, 63, 'bytes');
  if (labelValuePattern.test(text)) return problems;
  return [
    ...problems,
    mismatch(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
      labelValue,
      'MyValue',
      'my_value',
      '12345',
    ),
  ];
}
