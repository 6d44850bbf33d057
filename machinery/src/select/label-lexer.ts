/** One piece of a label selector's text. */
export interface Token {
  kind: 'word' | 'operator' | 'end';
  text: string;
  position: number;
}

const operators = ['==', '!=', '=', '!', ',', '(', ')', '>', '<'];
const whitespace = /[ \t\r\n]/;
const special = /[ \t\r\n=!,()<>]/;

/** Splits a label selector into words and operators; whitespace only separates. Never fails: every text has tokens. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    if (whitespace.test(text[position] ?? '')) {
      position++;
      continue;
    }
    const operator = operators.find((candidate) => text.startsWith(candidate, position));
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator, position });
      position += operator.length;
      continue;
    }
    const start = position;
    while (position < text.length && !special.test(text[position] ?? '')) position++;
    tokens.push({ kind: 'word', text: text.slice(start, position), position: start });
  }
  tokens.push({ kind: 'end', text: '', position: text.length });
  return tokens;
}
