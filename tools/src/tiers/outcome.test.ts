import { describe, expect, test } from 'vitest';
import { afterSecondRun, failedFiles, failureLines, outcomeOf, type VitestReport } from './outcome.ts';

type File = VitestReport['testResults'][number];

function file(name: string, statuses: Record<string, string>, message = ''): File {
  const assertionResults = Object.entries(statuses).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === 'failed' ? [`${fullName} went wrong\n    at there`] : [],
  }));
  const status = message !== '' || assertionResults.some((test) => test.status === 'failed') ? 'failed' : 'passed';
  return { name, status, message, assertionResults };
}

const broken = { file: '/r/b.test.ts', test: 'c', message: 'c went wrong\n    at there' };

describe('the outcome of a tier', () => {
  const first: VitestReport = {
    testResults: [
      file('/r/a.test.ts', { a: 'passed', b: 'pending' }),
      file('/r/b.test.ts', { c: 'failed', d: 'passed' }),
    ],
  };

  test('counts tests, and says which failed and why', () => {
    expect(outcomeOf(first)).toEqual({ passed: 2, skipped: 1, failed: [broken], unsteady: [] });
  });

  test('a file that fails outside of its tests is a failure', () => {
    const outcome = outcomeOf({ testResults: [file('/r/a.test.ts', {}, 'cannot be imported')] });
    expect(outcome.failed).toEqual([{ file: '/r/a.test.ts', test: undefined, message: 'cannot be imported' }]);
  });

  test('what passes when run again counts as passed, and is named as unsteady', () => {
    const second = { testResults: [file('/r/b.test.ts', { c: 'passed', d: 'passed' })] };
    expect(afterSecondRun(first, second)).toEqual({ passed: 3, skipped: 1, failed: [], unsteady: [broken] });
  });

  test('what fails again has failed, and so has what fails only then', () => {
    const second = { testResults: [file('/r/b.test.ts', { c: 'failed', d: 'failed' })] };
    const outcome = afterSecondRun(first, second);
    expect(outcome.failed.map(({ test }) => test)).toEqual(['c', 'd']);
    expect(outcome.unsteady).toEqual([]);
    expect(outcome.passed).toBe(1);
  });

  test('an error that no test caught is a failure that no second run takes back', () => {
    const stray = { file: '/r/a.test.ts', message: 'nobody awaited it' };
    const failure = { ...stray, test: 'outside of every test' };
    const told = { ...first, unhandled: [stray] };
    expect(outcomeOf(told).failed).toEqual([broken, failure]);
    expect(failedFiles(told)).toEqual(['/r/b.test.ts']);
    const second = { testResults: [file('/r/b.test.ts', { c: 'passed', d: 'passed' })] };
    expect(afterSecondRun(told, second)).toMatchObject({ failed: [failure], unsteady: [broken] });
    const unhandled = [{ message: 'another' }];
    expect(afterSecondRun(first, { ...second, unhandled }).failed).toEqual([
      { file: 'vitest', test: 'outside of every test', message: 'another' },
    ]);
  });

  test('a failure is shown by file, name and the first lines of why', () => {
    const long = { ...broken, message: Array.from({ length: 40 }, (_, line) => `line ${line}`).join('\n') };
    expect(failureLines([broken], '/r')).toEqual(['  b.test.ts > c', '      c went wrong', '          at there']);
    expect(failureLines([long], '/r')).toHaveLength(13);
    const deep = {
      ...broken,
      message: 'wrong\n    at test (b.ts:1)\n    at run (file:///r/node_modules/vitest/run.js:1)',
    };
    expect(failureLines([deep], '/r')).toEqual(['  b.test.ts > c', '      wrong', '          at test (b.ts:1)']);
  });
});
