/** Collects the warnings of one request. KA-62 */
export interface Warnings {
  add(text: string): void;
  /** Header values, in order, without repeats; empty when there is nothing to warn of. */
  headers(): readonly string[];
}

const totalLimit = 4096;
const shortened = 256;

export function createWarnings(): Warnings {
  return new WarningTexts();
}

/** Most requests have none, and of those that stay open each would keep its set. */
class WarningTexts implements Warnings {
  #texts: Set<string> | undefined = undefined;

  add(text: string): void {
    this.#texts ??= new Set();
    this.#texts.add(text);
  }

  headers(): readonly string[] {
    return this.#texts === undefined ? [] : limitTotal([...this.#texts]).map((text) => `299 - ${quote(text)}`);
  }
}

/** When all together are too long every item is cut short, and what still does not fit is left out. */
function limitTotal(texts: readonly string[]): readonly string[] {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length <= totalLimit) return texts;
  const kept: string[] = [];
  let used = 0;
  for (const text of texts) {
    const cut = [...text].slice(0, shortened).join('');
    if (used + cut.length > totalLimit) break;
    used += cut.length;
    kept.push(cut);
  }
  return kept;
}

/** An HTTP quoted-string; control characters would end the header and become blanks. Non-ASCII text goes as UTF-8. */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
  const clean = text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ').replaceAll(/["\\]/g, '\\$&');
  return `"${Buffer.from(clean, 'utf8').toString('latin1')}"`;
}
