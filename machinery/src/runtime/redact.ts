/** What stands for a secret. */
const censor = '[redacted]';
/** Deeper than this nothing is shown: no log line needs it, and cycles end. */
const maxDepth = 8;

/** Names of fields whose values never show, in lower case and without separators, at any depth. SEC-12 */
const secretNames = new Set([
  'token',
  'accesstoken',
  'bearertoken',
  'refreshtoken',
  'idtoken',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'clientsecret',
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'clientkeydata',
  'clientkey',
  'privatekey',
  'keypem',
  'caprivatekey',
  // Of Secrets and ConfigMaps.
  'data',
  'stringdata',
  'binarydata',
  // Holds whole objects, Secrets among them.
  'kubectl.kubernetes.io/lastappliedconfiguration',
]);

/** Secrets that give themselves away inside of texts: tokens in headers, passwords in URLs, private keys. */
const secretTexts: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${censor}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, censor],
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, censor],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^/?#@\s:]*):[^/?#@\s]*@/gi, `$1:${censor}@`],
  [/-----BEGIN ([A-Z ]*)PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, `[redacted $1private key]`],
];

/**
 * A copy of log fields without secrets: by the names of fields, wherever they stand, and by what gives itself away in
 * texts. Errors become plain data with their causes. SEC-12
 */
export function redact<T extends object>(fields: T): Record<string, unknown> {
  return redactFields(fields, 0);
}

/** A text without what gives itself away as a secret. SEC-12 */
export function redactText(text: string): string {
  return secretTexts.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

function redactFields(fields: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const safe = isSecretName(name) && value !== undefined && value !== null ? censor : redactValue(value, depth + 1);
    Object.defineProperty(result, name, { value: safe, enumerable: true, writable: true, configurable: true });
  }
  return result;
}

const isSecretName = (name: string): boolean => secretNames.has(name.toLowerCase().replace(/[-_]/g, ''));

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'bigint':
      return value.toString();
    case 'object':
      return value === null ? null : redactObject(value, depth);
    default:
      return value;
  }
}

function redactObject(value: object, depth: number): unknown {
  if (depth > maxDepth) return '[…]';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1));
  if (value instanceof Set || value instanceof Map) return redactValue([...value], depth);
  return redactFields(value, depth);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { name, message, stack, cause, ...more } = error;
  return {
    ...redactFields(more, depth),
    type: name,
    message: redactText(message),
    ...(stack === undefined ? {} : { stack: redactText(stack) }),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1) }),
  };
}
