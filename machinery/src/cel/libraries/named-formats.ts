import { formatCheck } from '../../schema/formats.ts';
import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  qualifiedNameProblems,
} from '../../schema/names.ts';
import { checkRequestUri } from './go-url.ts';
import { UrlError } from './go-url-escape.ts';

/** A format that CEL knows by name. KA-102 */
export interface NamedFormat {
  /** Tells formats apart. */
  readonly name: string;
  /** What is wrong with a text, in Kubernetes' words; nothing when it is good. */
  readonly problems: (text: string) => readonly string[];
  /** What a check is taken to cost: that of a pattern this long. */
  readonly patternLength: number;
}

type Problems = NamedFormat['problems'];

/** For the front part of a name: a dash at the end may be followed by more. */
const asPrefix =
  (problems: Problems): Problems =>
  (text) =>
    problems(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

function bySchema(format: string, problem: string): Problems {
  const isGood = formatCheck(format);
  return (text) => (isGood === undefined || isGood(text) ? [] : [problem]);
}

const uriProblems: Problems = (text) => {
  try {
    checkRequestUri(text);
    return [];
  } catch (error) {
    if (error instanceof UrlError) return [error.message];
    throw error;
  }
};

/** By the name of the function `format.NAME()`. */
export const namedFormats: Readonly<Record<string, NamedFormat>> = {
  dns1123Label: { name: 'DNS1123Label', problems: dns1123LabelProblems, patternLength: 30 },
  dns1123Subdomain: { name: 'DNS1123Subdomain', problems: dns1123SubdomainProblems, patternLength: 60 },
  dns1035Label: { name: 'DNS1035Label', problems: dns1035LabelProblems, patternLength: 30 },
  qualifiedName: { name: 'QualifiedName', problems: qualifiedNameProblems, patternLength: 60 },
  dns1123LabelPrefix: { name: 'DNS1123LabelPrefix', problems: asPrefix(dns1123LabelProblems), patternLength: 30 },
  dns1123SubdomainPrefix: {
    name: 'DNS1123SubdomainPrefix',
    problems: asPrefix(dns1123SubdomainProblems),
    patternLength: 60,
  },
  dns1035LabelPrefix: { name: 'DNS1035LabelPrefix', problems: asPrefix(dns1035LabelProblems), patternLength: 30 },
  labelValue: { name: 'LabelValue', problems: labelValueProblems, patternLength: 40 },
  uri: { name: 'URI', problems: uriProblems, patternLength: 1103 },
  uuid: { name: 'uuid', problems: bySchema('uuid', 'does not match the UUID format'), patternLength: 70 },
  byte: { name: 'byte', problems: bySchema('byte', 'invalid base64'), patternLength: 84 },
  date: { name: 'date', problems: bySchema('date', 'invalid date'), patternLength: 71 },
  datetime: { name: 'datetime', problems: bySchema('datetime', 'invalid datetime'), patternLength: 71 },
};
