import { readdirSync, readFileSync } from 'node:fs';

/** What of a kept result of `bench/` the page needs; see bench/src/report/result.ts. */
export interface KeptResult {
  readonly bench: string;
  readonly date: string;
  readonly quick: boolean;
  readonly runs: number;
  readonly note: string;
  readonly commit: string;
  readonly machine: { readonly cpus: number; readonly cpuModel: string; readonly memoryBytes: number };
  readonly versions: { readonly node: string };
  readonly setup: Readonly<Record<string, string | number>>;
  readonly figures: readonly KeptFigure[];
}

export interface KeptFigure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly goal: { readonly atLeast?: number; readonly atMost?: number } | null;
  readonly met: boolean | null;
}

/** What the page is made of: the newest kept result of each bench. */
export interface Comparisons {
  readonly crud: KeptResult;
  /** Undefined where none is kept. */
  readonly lists: KeptResult | undefined;
  readonly watches: KeptResult | undefined;
}

/** @throws Error when there is no result of api-crud */
export function newestComparisons(folder: URL): Comparisons {
  const crud = newest(folder, 'api-crud');
  if (crud === undefined) throw new Error('no result of api-crud is kept: run pnpm bench api-crud --save');
  return { crud, lists: newest(folder, 'api-list'), watches: newest(folder, 'watch-fanout') };
}

function newest(folder: URL, bench: string): KeptResult | undefined {
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${bench}-`) && file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as KeptResult)
    .toSorted((a, b) => Date.parse(b.date) - Date.parse(a.date))[0];
}
