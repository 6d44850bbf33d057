import type { Page } from './pages.ts';
import type { TracedTitle } from './titles.ts';

/** `covered/total` by page and level, and what is wrong. */
export interface Coverage {
  readonly rows: readonly { page: string; level: string; covered: number; total: number }[];
  readonly problems: readonly string[];
}

export interface TestFile {
  readonly file: string;
  readonly titles: readonly TracedTitle[];
}

/**
 * Which requirements have a test. A requirement with clauses counts once for each clause; a title with the bare ID of
 * such a requirement covers its first clause only. IDs of pages that have not moved here yet are known by prefix.
 */
export function measureCoverage(
  pages: readonly Page[],
  files: readonly TestFile[],
  laterPrefixes: readonly string[],
): Coverage {
  const units = new Map<string, { page: string; level: string; covered: boolean }>();
  const firstClause = new Map<string, string>();
  for (const page of pages) {
    for (const { id, level, clauses } of page.requirements) {
      const ids = clauses.length === 0 ? [id] : clauses.map((clause) => id + clause);
      for (const unit of ids) units.set(unit, { page: page.name, level, covered: false });
      firstClause.set(id, ids[0] ?? id);
    }
  }
  const problems: string[] = [];
  for (const { file, titles } of files) {
    for (const { title, ids, skipped } of titles) {
      if (ids.length > 3) problems.push(`${file}: "${title}" names more than three requirements`);
      for (const id of ids) {
        const unit = units.get(id) ?? units.get(firstClause.get(id) ?? '');
        if (unit === undefined && !laterPrefixes.includes(id.split('-')[0] ?? '')) {
          problems.push(`${file}: "${title}" names ${id}, which no page of docs/spec declares`);
        } else if (unit !== undefined && !skipped) {
          unit.covered = true;
        }
      }
    }
  }
  return { rows: summarise(units.values()), problems };
}

function summarise(units: Iterable<{ page: string; level: string; covered: boolean }>) {
  const rows = new Map<string, { page: string; level: string; covered: number; total: number }>();
  for (const { page, level, covered } of units) {
    const key = `${page} ${level}`;
    const row = rows.get(key) ?? { page, level, covered: 0, total: 0 };
    row.total += 1;
    if (covered) row.covered += 1;
    rows.set(key, row);
  }
  return [...rows.values()];
}

/** The committed floor: `page level` -> covered. Less is a failure; more should be committed with `--update`. */
export type Ratchet = Readonly<Record<string, number>>;

export function belowRatchet(coverage: Coverage, ratchet: Ratchet): string[] {
  return coverage.rows.flatMap(({ page, level, covered }) => {
    const floor = ratchet[`${page} ${level}`] ?? 0;
    return covered < floor ? [`${page} ${level}: ${covered} requirements covered, ${floor} before`] : [];
  });
}
