import { readFile, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Reader } from '../client/client.ts';
import { decisionSlice } from '../testing/decision-slice.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeKube } from '../testing/fake-kube.ts';

interface Example {
  followTeamA(
    client: Reader,
    act: (added: readonly string[], removed: readonly string[]) => void,
  ): (signal: AbortSignal) => Promise<void>;
}

/** The program in the README, as it stands there. */
async function exampleOfReadme(): Promise<Example> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const code = /^```ts\n(.*?)^```$/ms.exec(readme)?.[1] ?? '';
  const file = new URL(`./readme-${process.pid}.example.ts`, import.meta.url);
  await writeFile(file, code.replace("'@quarterdeck/machinery'", "'../index.ts'"));
  try {
    return (await import(file.href)) as Example;
  } finally {
    await rm(file);
  }
}

test('PD-17 PD-18 the example of the README deploys to what is added and withdraws from what is removed', async () => {
  const { followTeamA } = await exampleOfReadme();
  const kube = new FakeKube();
  const decided = (revision: number, ...clusters: string[]) =>
    decisionSlice('s', clusters, { key: 'k', index: 0, revision, namespace: 'team-a', scheduler: 'quarterdeck' });
  kube.store(decided(1, 'm1', 'm2'));
  const acts: string[] = [];
  const stop = new AbortController();
  const running = followTeamA(kube.reader(), (added, removed) => acts.push(`+${added} -${removed}`))(stop.signal);
  await eventually(() => acts.length === 1);
  kube.store(decided(2, 'm2', 'm3'));
  await eventually(() => acts.length === 2);
  expect(acts).toEqual(['+m1,m2 -', '+m3 -m1']);
  stop.abort(new Error('the test is over'));
  await running;
});
