/** One media type with its parameters, names in lower case. */
export interface MediaType {
  /** `application/json`, lower case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

// `@` is not allowed in a name, but clients of OpenAPI v2 in protobuf send one. KA-26b
const namePattern = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~@-]+$/;
const parameterPattern = /^([\w!#$%&'*+.^`|~-]+)=(?:"([^"\\]*)"|([^\s"]*))$/;

/** Reads a Content-Type or one clause of Accept; undefined when it is not well formed. BI-15 */
export function parseMediaType(text: string): MediaType | undefined {
  const [name = '', ...rest] = text.split(';').map((part) => part.trim());
  if (!namePattern.test(name)) return undefined;
  const parameters = new Map<string, string>();
  for (const part of rest.filter((candidate) => candidate !== '')) {
    const match = parameterPattern.exec(part);
    if (match === null) return undefined;
    parameters.set((match[1] ?? '').toLowerCase(), match[2] ?? match[3] ?? '');
  }
  return { name: name.toLowerCase(), parameters };
}
