import type { Page } from './pages.ts';
import type { TracedTitle } from './titles.ts';

export interface Coverage {
  /** `covered/total` by page and level. */
  readonly rows: readonly { page: string; level: string; covered: number; total: number }[];
  /** Requirements and clauses without a test, in the order of the pages. */
  readonly missing: readonly { id: string; page: string; level: string }[];
  /** IDs in the gaps that have a test by now: their rows can go. */
  readonly closedGaps: readonly string[];
  /** What is wrong, in words. */
  readonly problems: readonly string[];
}

export interface TestFile {
  readonly file: string;
  readonly titles: readonly TracedTitle[];
}

/** What a test can cover: a requirement, or one clause of it. */
interface Unit {
  readonly id: string;
  readonly page: string;
  readonly level: string;
  covered: boolean;
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
  const { units, firstClause, problems } = unitsOf(pages);
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
  const missing = [...units.values()].filter(({ covered }) => !covered);
  const admitted = new Set(pages.flatMap(({ gaps }) => gaps));
  for (const { id, page } of missing) {
    if (!admitted.has(id)) problems.push(`${page}: ${id} has no test, and the page's gaps do not say so`);
  }
  const closedGaps = [...admitted].filter((id) => units.get(id)?.covered === true);
  return { rows: summarise(units.values()), missing, closedGaps, problems };
}

function unitsOf(pages: readonly Page[]) {
  const units = new Map<string, Unit>();
  const firstClause = new Map<string, string>();
  const problems: string[] = [];
  for (const page of pages) {
    for (const { id, level, clauses } of page.requirements) {
      if (firstClause.has(id)) problems.push(`${page.name}: ${id} is declared twice`);
      const parts =
        clauses.length === 0 ? [{ id, level }] : clauses.map((clause) => ({ ...clause, id: id + clause.letter }));
      for (const part of parts) {
        units.set(part.id, { id: part.id, page: page.name, level: part.level, covered: false });
      }
      firstClause.set(id, parts[0]?.id ?? id);
    }
    for (const id of page.gaps) {
      if (!units.has(id)) problems.push(`${page.name}: the gaps name ${id}, which no page of docs/spec declares`);
    }
  }
  return { units, firstClause, problems };
}

function summarise(units: Iterable<Unit>) {
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
