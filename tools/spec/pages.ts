/** A page of docs/spec, read: every requirement with its level, and the sub-IDs that its text declares. */
export interface Requirement {
  /** `KA-69` */
  readonly id: string;
  /** M, S, L of the Kubernetes API page; `-` on pages without levels. */
  readonly level: string;
  /** Declared by `(a)`, `(b)` at the start of clauses; empty when the requirement is one piece. */
  readonly clauses: readonly Clause[];
}

export interface Clause {
  readonly letter: string;
  /** That of the requirement, unless the clause states its own: `(b) S: ...`. */
  readonly level: string;
}

export interface Page {
  readonly name: string;
  readonly requirements: readonly Requirement[];
  /** IDs in the first column of the tables under `## Gaps` and `## Not ours`: what has no test yet, and what binds others. */
  readonly gaps: readonly string[];
}

const bullet = /^- (?:\*\*)?([A-Z]{1,3}-\d+)(?:\*\*)?(?: ([MSL])\b)?/;
const row = /^\| ?([A-Z]{1,3}-\d+)[ |]/;

/** Requirements are list items (`- KA-5 M ...`, `- **RL-1** ...`) or table rows (`| F-1 | ...`). */
export function parsePage(name: string, markdown: string): Page {
  const requirements: { id: string; level: string; text: string }[] = [];
  const gaps: string[] = [];
  let inGaps = false;
  for (const line of markdown.split('\n')) {
    if (line.startsWith('## ')) inGaps = line === '## Gaps' || line === '## Not ours';
    if (inGaps) {
      gaps.push(...gapIds(line));
      continue;
    }
    const match = bullet.exec(line) ?? row.exec(line);
    const id = match?.[1];
    if (id !== undefined) {
      requirements.push({ id, level: match?.[2] ?? '-', text: line });
    } else {
      const last = requirements.at(-1);
      if (last !== undefined && line.startsWith(' ')) last.text += ` ${line.trim()}`;
    }
  }
  return {
    name,
    requirements: requirements.map(({ id, level, text }) => ({ id, level, clauses: clausesOf(text, level) })),
    gaps,
  };
}

/** `| KA-20, KA-26b | ...`: every ID of the first column. */
function gapIds(line: string): string[] {
  const cell = /^\|([^|]*)\|/.exec(line)?.[1] ?? '';
  return [...cell.matchAll(/[A-Z]{1,3}-\d+[a-z]?/g)].map(([id]) => id);
}

/** `(a) ... (b) ...`: only an unbroken run from `a` counts, so that a stray `(s)` in prose declares nothing. */
function clausesOf(text: string, level: string): Clause[] {
  const found = new Map<string, string>();
  for (const [, letter = '', own] of text.matchAll(/ \(([a-z])\)(?: ([MSL]):)? /g)) {
    if (!found.has(letter)) found.set(letter, own ?? level);
  }
  const clauses: Clause[] = [];
  for (let code = 'a'.charCodeAt(0); ; code++) {
    const letter = String.fromCharCode(code);
    const own = found.get(letter);
    if (own === undefined) return clauses.length > 1 ? clauses : [];
    clauses.push({ letter, level: own });
  }
}
