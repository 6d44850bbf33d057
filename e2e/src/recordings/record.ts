/**
 * `pnpm record [GROUP...]`: plays the corpus, or some of its groups, against a real kube-apiserver and writes what it
 * answers to `e2e/recordings/GROUP.yaml`.
 */
import { corpus } from './corpus/index.ts';
import { play } from './play.ts';
import { makeNamespaces } from './prepare.ts';
import { startRealServer } from './real-server.ts';
import { type Recording, writeRecording } from './recording.ts';

const asked = process.argv.slice(2);
const unknown = asked.filter((group) => !Object.hasOwn(corpus, group));
if (unknown.length > 0) throw new Error(`no such group: ${unknown.join(', ')} (${Object.keys(corpus).join(', ')})`);
const groups = Object.entries(corpus).filter(([group]) => asked.length === 0 || asked.includes(group));

await using server = await startRealServer((line) => console.error(line));
for (const [group, scenarios] of groups) {
  await makeNamespaces(server, scenarios);
  const recording: Record<string, Recording[string]> = {};
  for (const scenario of scenarios) recording[scenario.name] = await play(server, scenario);
  await writeRecording(group, recording);
  console.log(`${group}: ${Object.values(recording).flat().length} exchanges in ${scenarios.length} scenarios`);
}
