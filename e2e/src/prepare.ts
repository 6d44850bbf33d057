import type { TestProject } from 'vitest/node';
import { type ClientBuild, clientBinary, clientBuilds } from './clients/binaries.ts';
import { KubeUnavailableError, kubeBinaries } from './kube/index.ts';
import { kubeletStubBinary } from './kube/kubelet-stub.ts';
import { upstreamBinaries } from './upstream/binaries.ts';
import { groupsOf } from './upstream/groups.ts';
import { readExpectations } from './upstream/names.ts';
import { startSlowRun } from './upstream/slow.ts';

/** Seven are enough where nothing else runs. */
const slowMinutes = 15;

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the upstream tests that wait for minutes write how they ended; they run from the start of the tier. */
    slowUpstream: string;
  }
}

/**
 * Builds what the tier runs on before its first test, since no test's patience covers minutes of building, and starts what
 * waits for minutes. Without Go the tests that need none still run, and the others fail with what to install.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const progress = (line: string) => console.log(line);
  try {
    await kubeBinaries(progress);
    await kubeletStubBinary(progress);
    for (const build of Object.keys(clientBuilds) as ClientBuild[]) await clientBinary(build, progress);
    await upstreamBinaries(progress);
    if (!runsUpstream(process.argv)) return async () => {};
    const { slow } = groupsOf(await readExpectations(), 'quick');
    const running = await startSlowRun(slow, slowMinutes);
    project.provide('slowUpstream', running.dir);
    return async () => running[Symbol.asyncDispose]();
  } catch (error) {
    if (!(error instanceof KubeUnavailableError)) throw error;
    console.log(error.message);
    return async () => {};
  }
}

/** Whether the upstream tests are among what this command runs: it names no files, or theirs. */
function runsUpstream(args: readonly string[]): boolean {
  const files = args.filter((arg) => arg.includes('.e2e') || arg.includes('e2e/src'));
  return files.length === 0 || files.some((path) => 'e2e/src/upstream.e2e.test.ts'.includes(path));
}
