/** What vitest's JSON reporter writes, as far as it is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The file's absolute path. */
    readonly name: string;
    readonly status: string;
    /** Why the file itself failed: an import or a hook, rather than a test. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
  /** What vitest tells beside it. Default: nothing. */
  readonly unhandled?: readonly Unhandled[];
}

/** An error that no test caught, as of a promise that nobody awaits. */
export interface Unhandled {
  /** The file that ran then; undefined: not known. */
  readonly file?: string;
  readonly message: string;
}

export interface Failure {
  readonly file: string;
  /** Undefined when the file failed outside of its tests. */
  readonly test: string | undefined;
  readonly message: string;
}

/** One tier's tests, counted; `failed` stands for tests and for files that failed outside of their tests. */
export interface Outcome {
  readonly passed: number;
  readonly skipped: number;
  readonly failed: readonly Failure[];
  /** Failed at first, and passed when their file ran again, alone; counted in `passed` too. */
  readonly unsteady: readonly Failure[];
}

/** The outcome of a run in which vitest itself did not come far enough to report. */
export function unreported(why: string): Outcome {
  return { passed: 0, skipped: 0, failed: [{ file: 'vitest', test: undefined, message: why }], unsteady: [] };
}

export function outcomeOf(report: VitestReport): Outcome {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    skipped: tests.filter(({ status }) => status !== 'passed' && status !== 'failed').length,
    failed: [...report.testResults.flatMap(failuresIn), ...(report.unhandled ?? []).map(failureOf)],
    unsteady: [],
  };
}

function failuresIn(file: VitestReport['testResults'][number]): Failure[] {
  const failed = file.assertionResults.filter(({ status }) => status === 'failed');
  return failed.length === 0 && file.status === 'failed'
    ? [{ file: file.name, test: undefined, message: file.message }]
    : failed.map((test) => ({
        file: file.name,
        test: test.fullName,
        message: (test.failureMessages ?? []).join('\n'),
      }));
}

const failureOf = ({ file = 'vitest', message }: Unhandled): Failure => ({
  file,
  test: 'outside of every test',
  message,
});

/** The files that may run again. */
export const failedFiles = ({ testResults }: VitestReport): string[] =>
  testResults.filter((file) => failuresIn(file).length > 0).map(({ name }) => name);

/**
 * The outcome after the files with failures ran again: their tests count as they went the second time. No second run excuses an
 * error that no test caught: nothing says which test it belongs to.
 */
export function afterSecondRun(first: VitestReport, second: VitestReport): Outcome {
  const again = new Map(second.testResults.map((file) => [file.name, file]));
  const settled = outcomeOf({
    testResults: first.testResults.map((file) => again.get(file.name) ?? file),
    unhandled: [...(first.unhandled ?? []), ...(second.unhandled ?? [])],
  });
  const still = new Set(settled.failed.map(keyOf));
  return { ...settled, unsteady: outcomeOf(first).failed.filter((failure) => !still.has(keyOf(failure))) };
}

const keyOf = ({ file, test }: Failure): string => `${file}\n${test ?? ''}`;

/** Each failure with where it is and the first lines of why, without frames of others' code, for the end of a long log. */
export function failureLines(failures: readonly Failure[], root: string): string[] {
  return failures.flatMap(({ file, test, message }) => [
    `  ${file.replace(`${root}/`, '')}${test === undefined ? '' : ` > ${test}`}`,
    ...message
      .split('\n')
      .filter((line) => !/^ +at .*(node_modules|node:)|^ +at new Promise /.test(line))
      .slice(0, 12)
      .map((line) => `      ${line}`.trimEnd()),
  ]);
}
