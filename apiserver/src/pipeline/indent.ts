/** Indents compact JSON text by two blanks, without decoding it: numbers keep their digits. KA-31 */
export function indentJson(json: string): string {
  const out: string[] = [];
  let depth = 0;
  let index = 0;
  const line = () => out.push('\n', '  '.repeat(depth));
  while (index < json.length) {
    const char = json.charAt(index);
    if (char === '"') {
      const end = endOfString(json, index);
      out.push(json.slice(index, end));
      index = end;
      continue;
    }
    index += 1;
    switch (char) {
      case '{':
      case '[':
        out.push(char);
        if (json.charAt(index) === (char === '{' ? '}' : ']')) {
          out.push(json.charAt(index));
          index += 1;
          break;
        }
        depth += 1;
        line();
        break;
      case '}':
      case ']':
        depth -= 1;
        line();
        out.push(char);
        break;
      case ',':
        out.push(char);
        line();
        break;
      case ':':
        out.push(': ');
        break;
      default:
        out.push(char);
    }
  }
  return out.join('');
}

/** The index after the closing quote of the string that starts at `start`. */
function endOfString(json: string, start: number): number {
  let index = start + 1;
  while (index < json.length && json.charAt(index) !== '"') index += json.charAt(index) === '\\' ? 2 : 1;
  return index + 1;
}
