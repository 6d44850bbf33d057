/** Name rules of Kubernetes, in its words: the machinery's, under the names that kinds know, and one of this server. KA-46, KA-47 */
export {
  dns1123LabelProblems as dnsLabelProblems,
  dns1123SubdomainProblems as dnsSubdomainProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
} from '@quarterdeck/machinery';

/** A key of a ConfigMap or Secret. KA-116 */
export function configKeyProblems(text: string): string[] {
  if (text === '.' || text === '..') return [`must not be '${text}'`];
  return [
    ...(text.startsWith('..') ? ["must not start with '..'"] : []),
    ...(text.length > 253 ? ['must be no more than 253 characters'] : []),
    ...(/^[-._a-zA-Z0-9]+$/.test(text)
      ? []
      : [
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        ]),
  ];
}
