/** The rules: where objects are read and written as JSON, and how secrets are compared. */
export type SourceRule = 'no-bare-json' | 'compare-secrets-in-constant-time';

export interface Violation {
  readonly rule: SourceRule;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Why a file may break a rule, by rule and file. */
export type Allowed = Readonly<Record<SourceRule, Readonly<Record<string, string>>>>;

/**
 * Objects go through the one value model of machinery/wire: bare JSON rounds integers beyond 2^53, and takes `__proto__` and
 * doubled keys as they come.
 */
const bareJson = /\bJSON\s*\.\s*(parse|stringify)\b/;

/** `===` of two names of which one is that of a secret: it takes longer the more of a guess is right. BI-26 */
const operand = String.raw`[\w$]+(?:\??\.[\w$]+|\[[^\]]*\]|\([^()]*\))*`;
const comparison = new RegExp(`(?<left>${operand})\\s*[!=]==?\\s*(?<right>${operand})`, 'g');
const secretName = /(secret|token|password|passphrase|signature|hmac|digest)(\([^()]*\))?$/i;
const harmless = /^(undefined|null|true|false|\d[\w.]*)$/;

function comparesSecret(line: string): boolean {
  return [...line.matchAll(comparison)].some(({ groups: { left = '', right = '' } = {} }) => {
    return ![left, right].some((side) => harmless.test(side)) && [left, right].some((side) => secretName.test(side));
  });
}

/** What one file does against the rules; comments are not looked at. */
export function checkSource(file: string, source: string): Violation[] {
  return source.split('\n').flatMap((text, index): Violation[] => {
    if (/^\s*(\/\/|\/?\*)/.test(text)) return [];
    const rules: SourceRule[] = [];
    if (bareJson.test(text)) rules.push('no-bare-json');
    if (comparesSecret(text)) rules.push('compare-secrets-in-constant-time');
    return rules.map((rule) => ({ rule, file, line: index + 1, text: text.trim() }));
  });
}

/** Permissions that nothing makes use of. */
export function unneeded(found: readonly Violation[], allowed: Allowed): { rule: SourceRule; file: string }[] {
  return (Object.keys(allowed) as SourceRule[]).flatMap((rule) =>
    Object.keys(allowed[rule])
      .filter((file) => !found.some((violation) => violation.rule === rule && violation.file === file))
      .map((file) => ({ rule, file })),
  );
}
