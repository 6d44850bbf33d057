import type { WireProblem } from './value.ts';

/** As many as Kubernetes reports; more would only let a small document make a large answer. */
const maxProblems = 100;

/**
 * Collects problems during a recursive descent. Decoders add with the path inside the current container and prefix on
 * the way up, so that documents without problems pay nothing for paths.
 */
export class ProblemList {
  readonly list: WireProblem[] = [];

  get count(): number {
    return this.list.length;
  }

  /** Adds a duplicate key of the container whose problems start at `from`; the same key is reported once. */
  addDuplicate(key: string, from: number, line?: number): void {
    if (this.list.length >= maxProblems) return;
    for (let index = from; index < this.list.length; index++) if (this.list[index]?.path === key) return;
    this.list.push({ kind: 'duplicateField', path: key, ...(line === undefined ? {} : { at: { key, line } }) });
  }

  /** Puts a key before the paths of all problems from the index on. */
  prefixKey(key: string, from: number): void {
    for (let index = from; index < this.list.length; index++) {
      const problem = this.list[index] as WireProblem;
      problem.path = problem.path.startsWith('[') ? key + problem.path : `${key}.${problem.path}`;
    }
  }

  /** Puts a list index before the paths of all problems from the index on. */
  prefixIndex(item: number, from: number): void {
    for (let index = from; index < this.list.length; index++) {
      const problem = this.list[index] as WireProblem;
      problem.path = problem.path.startsWith('[') ? `[${item}]${problem.path}` : `[${item}].${problem.path}`;
    }
  }
}
