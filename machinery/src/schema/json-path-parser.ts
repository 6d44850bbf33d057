import { goQuote } from './go-text.ts';

type Literal = string | number | boolean;
interface Relative {
  readonly steps: readonly Step[];
}
export interface Filter {
  readonly left: Literal | Relative;
  /** Absent: the field must exist. */
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | undefined;
  readonly right: Literal | Relative | undefined;
}
export type Step =
  | { readonly type: 'names'; readonly names: readonly string[] }
  | { readonly type: 'indexes'; readonly indexes: readonly number[] }
  | { readonly type: 'slice'; readonly from: number; readonly to: number | undefined; readonly step: number }
  | { readonly type: 'every' }
  | { readonly type: 'descend' }
  | { readonly type: 'filter'; readonly filter: Filter };

/** What is wrong with a path, in words. */
export class JsonPathError extends Error {
  override readonly name = 'JsonPathError';
}

/** @throws JsonPathError */
export function parseSteps(text: string): Step[] {
  const steps: Step[] = [];
  // Kubernetes passes over spaces at the end.
  const trimmed = text.replace(/ +$/, '');
  let rest = trimmed.startsWith('$') || trimmed.startsWith('@') ? trimmed.slice(1) : trimmed;
  while (rest !== '' && rest !== '.') {
    const [step, length] = rest.startsWith('[') ? bracket(rest) : dotted(rest);
    if (step !== undefined) steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

function dotted(text: string): [Step | undefined, number] {
  if (text.startsWith('..')) return [{ type: 'descend' }, text[2] === '[' ? 2 : 1];
  if (text.startsWith('.[')) return [undefined, 1];
  if (text.startsWith('.*')) return [{ type: 'every' }, 2];
  const found = /^\.((?:\\.|[^.[\]\\(){}\s'"@?*,])+)/s.exec(text);
  if (found === null) throw new JsonPathError(`unexpected ${goQuote(text)}`);
  const name = (found[1] ?? '').replace(/\\(.)/gs, '$1');
  return [{ type: 'names', names: [name] }, found[0].length];
}

function bracket(text: string): [Step, number] {
  const end = closing(text);
  const inside = text.slice(1, end).trim();
  return [bracketStep(inside), end + 1];
}

/** Where the bracket at the start closes; brackets and parentheses in quotes do not count. */
function closing(text: string): number {
  let depth = 0;
  let quote = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] as string;
    if (quote !== '') {
      if (character === '\\') index += 1;
      else if (character === quote) quote = '';
    } else if (character === "'" || character === '"') quote = character;
    else if (character === '[') depth += 1;
    else if (character === ']') {
      depth -= 1;
      if (depth === 0) return index;
    }
  }
  throw new JsonPathError('unterminated array');
}

function bracketStep(inside: string): Step {
  // Of a list only, where `.*` is of objects too.
  if (inside === '*') return { type: 'slice', from: 0, to: undefined, step: 1 };
  if (inside.startsWith('?(') && inside.endsWith(')')) {
    return { type: 'filter', filter: parseFilter(inside.slice(2, -1)) };
  }
  const slice = /^(-?\d+)?:(-?\d+)?(?::(\d+))?$/.exec(inside);
  if (slice !== null) return sliceStep(slice);
  const items = splitOutsideQuotes(inside);
  if (items.every((item) => /^-?\d+$/.test(item))) return { type: 'indexes', indexes: items.map(Number) };
  const names = items.map(unquoted);
  if (names.some((name) => name === undefined)) throw new JsonPathError(`invalid array index ${inside}`);
  return { type: 'names', names: names as string[] };
}

function sliceStep([, from, to, step]: RegExpExecArray): Step {
  if (step === '0') throw new JsonPathError('the step of a slice must be positive');
  return {
    type: 'slice',
    from: from === undefined ? 0 : Number(from),
    to: to === undefined ? undefined : Number(to),
    step: step === undefined ? 1 : Number(step),
  };
}

function splitOutsideQuotes(text: string): string[] {
  return (text.match(/(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^,])+/gs) ?? ['']).map((item) => item.trim());
}

function unquoted(text: string): string | undefined {
  const found = /^(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")$/s.exec(text);
  return found === null ? undefined : (found[1] ?? found[2] ?? '').replace(/\\(.)/gs, '$1');
}

const filterPattern = /^((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^'"<>=!])+)(?:(==|!=|<=|>=|<|>)(.+))?$/s;

function parseFilter(text: string): Filter {
  const found = filterPattern.exec(text);
  if (found === null) throw new JsonPathError(`unrecognized filter ${text}`);
  const [, left = '', operator, right] = found;
  return {
    left: operand(left.trim()),
    operator: operator as Filter['operator'],
    right: right === undefined ? undefined : operand(right.trim()),
  };
}

function operand(text: string): Literal | Relative {
  if (text.startsWith('@') || text.startsWith('.')) return { steps: parseSteps(text) };
  const quoted = unquoted(text);
  if (quoted !== undefined) return quoted;
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  throw new JsonPathError(`unrecognized value ${text} in a filter`);
}
