/** A page of docs/spec, read: every requirement with its level, and the sub-IDs that its text declares. */
export interface Requirement {
  /** `KA-69` */
  readonly id: string;
  /** M, S, L of the Kubernetes API page; `-` on pages without levels. */
  readonly level: string;
  /** Letters declared by `(a)`, `(b)` at the start of clauses. */
  readonly clauses: readonly string[];
}

export interface Page {
  readonly name: string;
  readonly requirements: readonly Requirement[];
}

const bullet = /^- (?:\*\*)?([A-Z]{1,3}-\d+)(?:\*\*)?(?: ([MSL])\b)?/;
const row = /^\| ?([A-Z]{1,3}-\d+)[ |]/;

/** Requirements are list items (`- KA-5 M ...`, `- **RL-1** ...`) or table rows (`| F-1 | ...`). */
export function parsePage(name: string, markdown: string): Page {
  const requirements: { id: string; level: string; text: string }[] = [];
  let level = '-';
  for (const line of markdown.split('\n')) {
    const match = bullet.exec(line) ?? row.exec(line);
    const id = match?.[1];
    if (id !== undefined) {
      // A few requirements state their levels inside the text; they count with the page's last stated level.
      level = match?.[2] ?? (id.startsWith('KA-') ? level : '-');
      requirements.push({ id, level, text: line });
    } else {
      const last = requirements.at(-1);
      if (last !== undefined && line.startsWith(' ')) last.text += ` ${line.trim()}`;
    }
  }
  return {
    name,
    requirements: requirements.map(({ id, level: stated, text }) => ({ id, level: stated, clauses: clausesOf(text) })),
  };
}

/** `(a) ... (b) ...`: only an unbroken run from `a` counts, so that a stray `(s)` in prose declares nothing. */
function clausesOf(text: string): string[] {
  const found = new Set([...text.matchAll(/\(([a-z])\)/g)].map((match) => match[1] as string));
  const clauses: string[] = [];
  for (let code = 'a'.charCodeAt(0); found.has(String.fromCharCode(code)); code++)
    clauses.push(String.fromCharCode(code));
  return clauses.length > 1 ? clauses : [];
}
