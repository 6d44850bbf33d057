import { expect, test } from 'vitest';
import { groupsOf } from './upstream/groups.ts';
import { groupOf, parseExpectations, readExpectations } from './upstream/names.ts';
import { knownTests } from './upstream/suite.ts';
import { differences } from './upstream/verdict.ts';

/** The lists of upstream tests, and what is made of an outcome; no server runs. */

const node = 'needs a node';

test('KA-1 every listed name is a test of the suite', async () => {
  const { passing, exceptions } = await readExpectations();
  const known = await knownTests();
  expect([...passing, ...exceptions.keys()].filter((name) => !known.has(name))).toEqual([]);
});

test('KA-1 a list is refused for a doubled name, a part of one, and a reason of its own', () => {
  const reading = () => parseExpectations('# why\n\n[a] x\n[a] x\nhalf\n', '[b] y\tis hard\n');
  expect(reading).toThrow(
    'the lists of upstream tests are wrong:\nlisted twice: [a] x\nnot a whole name: half\n"is hard" is no reason for an exception: [b] y',
  );
});

test('KA-1 names are grouped by who owns them, and by whether they wait', () => {
  const expected = parseExpectations(
    '[sig-a] x\n[sig-a] z [Slow]\n',
    `[sig-b] n\t${node}\n[sig-b] c\tneeds a workload controller\n`,
  );
  expect(expected.passing.map(groupOf)).toEqual(['sig-a', 'sig-a']);
  const quick = { quick: ['[sig-a] x', '[sig-b] n'], slow: ['[sig-a] z [Slow]'] };
  expect(groupsOf(expected, 'quick')).toEqual(quick);
  expect(groupsOf(expected, 'none')).toEqual({ ...quick, quick: ['[sig-a] x'] });
  expect(groupsOf(expected, 'all')).toEqual({ ...quick, slow: [...quick.slow, '[sig-b] c'] });
});

test('KA-1 what left the passing set is told, and an exception that passes', () => {
  const expected = parseExpectations('[a] 1\n[a] 2\n[a] 3\n[a] 4\n', `[b] 1\t${node}\n[b] 2\t${node}\n`);
  const outcome = (name: string, state: string, message = '') =>
    [name, { name, state, seconds: 1.6, message }] as const;
  const outcomes = new Map([
    outcome('[a] 1', 'passed'),
    outcome('[a] 2', 'failed', 'why'),
    outcome('[a] 3', 'skipped'),
    outcome('[b] 1', 'failed', 'no nodes'),
    outcome('[b] 2', 'passed'),
  ]);
  expect(differences(outcomes, expected, [...expected.passing, ...expected.exceptions.keys()])).toEqual([
    'failed after 2 s (why): [a] 2',
    'skipped after 2 s: [a] 3',
    'did not end: [a] 4',
    'passes, so that it no longer needs a node: move it to passing.txt: [b] 2',
  ]);
});
