import { expect, test } from 'vitest';
import { createJoinToken } from './join-token.ts';
import { tryEverything } from './testing/agent-rights.ts';
import { isAvailable, startTestFleet } from './testing/fleet.ts';

const intro = `# What an agent may do on the hub

Made by a test that tries the credential of the agent of member \`m1\` on every route and verb that the hub serves, with names
and namespaces of its own and of others. The test in cli/src/agent-rights.int.test.ts compares it, and writes it anew when it
is run with \`--update\`. What is not in the tables was refused. RG-20

Authorisation is not all: of a Work an agent changes nothing but its status and its own finalizer, of its MemberCluster only
its own part of the status, and of a certificate request the hub approves only its own name. It makes Leases
of two names, and reports that go with their Work, and holds nothing of that up by a finalizer. Requests have names that nobody
can guess. Secrets are those of the member's own namespace, which Works there refer to by name. Where one name may be read,
lists and watches of that one name may be too. The reviews, and the paths, are what Kubernetes lets every authenticated user
ask.

| kind | where | names | verbs |
| --- | --- | --- | --- |
`;

const tokenIntro = `
## An agent with a token

On a hub that gives tokens (\`quarterdeck hub --agent-identity token\`) the credential is a token of the agent's service account,
tried in the same way. The tables above hold for it, but for how it is renewed, and for what every service account may read:

| kind | where | names | verbs | |
| --- | --- | --- | --- | --- |
`;

/** The same fleet on a hub that gives tokens. */
async function ofAgentWithToken() {
  await using fleet = await startTestFleet(['m1', 'm2'], { agentIdentity: 'token' });
  const { store } = await fleet.join('m1');
  await fleet.join('m2');
  await isAvailable(fleet.admin, 'm1');
  await isAvailable(fleet.admin, 'm2');
  const { token = '', tokenAccount: account = '' } = await store.load();
  return await tryEverything(fleet.admin, { url: fleet.hub.url, ca: fleet.hub.caPem, token, account });
}

test('RG-20, SEC-3, WK-40 the credential of an agent, tried on every route and verb of the hub, opens what the docs list and no more', async () => {
  await using fleet = await startTestFleet(['m1', 'm2']);
  const { store } = await fleet.join('m1');
  await fleet.join('m2');
  await isAvailable(fleet.admin, 'm1');
  await isAvailable(fleet.admin, 'm2');
  const { certificate = '', key = '' } = await store.load();
  const credential = { url: fleet.hub.url, ca: fleet.hub.caPem, cert: certificate, key };
  const byToken = await ofAgentWithToken();
  const { sent, tried, table, paths } = await tryEverything(fleet.admin, credential);
  expect(sent).toBeGreaterThan(1_000);
  // Added beside the kinds, so that discovery, and with it this test, could miss them.
  const added = ['proxy', 'token', 'tunnel'].map((name) => `memberclusters.quarterdeck.dev/${name}`);
  expect([...tried].filter((title) => added.includes(title)).sort()).toEqual(added);
  expect(table.filter((row) => row.includes('member-m2') || row.includes('all namespaces'))).toEqual([]);
  const others = paths.map((path) => `| \`${path}\` |`).join('\n');
  // Kubernetes lets every service account read how tokens are checked.
  const morePaths = byToken.paths
    .filter((path) => !paths.includes(path))
    .map((path) => `| \`${path}\` | | | get | by token alone |`);
  expect(paths.filter((path) => !byToken.paths.includes(path))).toEqual([]);
  const gone = table.filter((row) => !byToken.table.includes(row)).map((row) => `${row} not by token |`);
  const more = byToken.table.filter((row) => !table.includes(row)).map((row) => `${row} by token alone |`);
  const differences = `${tokenIntro}${[...gone, ...more, ...morePaths].join('\n')}\n`;
  const page = `${intro}${table.join('\n')}\n\n| path |\n| --- |\n${others}\n${differences}`;
  await expect(page).toMatchFileSnapshot('../../docs/agent-rights.md');
}, 240_000);

test('RG-1 a join token, tried on every route and verb of the hub, opens a request for a certificate and no more', async () => {
  await using fleet = await startTestFleet(['m1']);
  const asked = { clusterSet: 'default', labels: {}, acceptance: 'Accepted', reusable: false } as const;
  const token = await createJoinToken(fleet.admin, { ...asked, clusterPattern: 'm1', ttlMs: 3_600_000 });
  const credential = { url: fleet.hub.url, ca: fleet.hub.caPem, token, account: 'none' };
  const { sent, table } = await tryEverything(fleet.admin, credential);
  expect(sent).toBeGreaterThan(1_000);
  // One request by a name that nobody can guess; the reviews every authenticated user may ask.
  expect(table).toEqual([
    '| certificatesigningrequests.certificates.k8s.io | no namespace |  | create |',
    '| certificatesigningrequests.certificates.k8s.io | no namespace | any | get |',
    '| selfsubjectaccessreviews.authorization.k8s.io | no namespace |  | create |',
    '| selfsubjectreviews.authentication.k8s.io | no namespace |  | create |',
    '| selfsubjectrulesreviews.authorization.k8s.io | no namespace |  | create |',
  ]);
}, 240_000);
