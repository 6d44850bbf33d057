import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from '@quarterdeck/machinery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HubProcess } from './harness/hub.ts';
import { type Kubectl, kubectl } from './harness/kubectl.ts';
import { startLeastRights } from './harness/least-rights.ts';
import { configMap, documents } from './harness/objects.ts';
import { quarterdeck } from './harness/quarterdeck.ts';
import { loopbackCertificate, startKubeletStub } from './kube/kubelet-stub.ts';
import { commandLineTools } from './kube/tools.ts';

/** kubectl on a real member through the hub; the agent has the rights of the published manifests and no more. */

const cleanup = new AsyncDisposableStack();
let dir: string;
let hub: HubProcess;
let onMember: Kubectl;
let through: Kubectl;
let throughFile: string;

beforeAll(async () => {
  ({ dir, hub, onMember } = cleanup.use(
    await startLeastRights({ manifests: ['member-tunnel.yaml'], args: ['--tunnel'] }),
  ));
  throughFile = join(dir, 'm1.kubeconfig');
  through = await kubectl({ kubeconfig: throughFile, home: join(dir, 'through') });
});
afterAll(() => cleanup.disposeAsync());

test('RG-50, RG-51 quarterdeck kubeconfig reaches the member; rights are what the member gives', async () => {
  const made = await quarterdeck(['kubeconfig', 'm1', '--kubeconfig', hub.kubeconfig, '-o', throughFile]);
  expect([made.code, made.stdout]).toEqual([0, `wrote ${throughFile}\n`]);
  await eventually(async () => (await through('get --raw /version')).code === 0, { timeoutMs: 30_000 });
  const refused = await through('get configmaps');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('User "quarterdeck:quarterdeck:admin" cannot list'),
  ]);
  await onMember.ok(
    'create clusterrolebinding hub-admin --clusterrole=cluster-admin --user=quarterdeck:quarterdeck:admin',
  );
  await eventually(async () => (await through('get configmaps')).code === 0);
  expect((await quarterdeck(['kubeconfig', 'm9', '--kubeconfig', hub.kubeconfig])).stderr).toContain(
    'there is no MemberCluster m9',
  );
});

test('RG-52 kubectl works as on the member itself: apply, get, watch, delete', async () => {
  const { kubectl: program } = await commandLineTools('v35');
  const watching = spawn(
    program,
    ['--kubeconfig', throughFile, 'get', 'configmaps', '-w', '--output-watch-events', '-o', 'name'],
    {
      env: { PATH: process.env.PATH, HOME: dir },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  cleanup.defer(() => void watching.kill('SIGKILL'));
  let seen = '';
  watching.stdout.on('data', (bytes: Buffer) => {
    seen += bytes.toString('utf8');
  });
  await eventually(() => seen.includes('configmap/kube-root-ca.crt'), { timeoutMs: 20_000 });
  await through.ok('apply -f -', { input: documents(configMap('default/followed', { a: 'b' })) });
  await eventually(() => seen.includes('configmap/followed'));
  expect(await onMember.ok('get configmap followed -o jsonpath={.data.a}')).toBe('b');
  const before = seen.split('configmap/followed').length;
  await through.ok('delete configmap followed');
  await eventually(() => seen.split('configmap/followed').length > before);
  expect((await onMember('get configmap followed')).code).toBe(1);
});

/** A pod on a node whose kubelet listens on this port of loopback. */
async function addPod({ node, pod, port }: { node: string; pod: string; port: number }): Promise<void> {
  await onMember.ok('apply -f -', {
    input: documents(
      { apiVersion: 'v1', kind: 'Node', metadata: { name: node } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
    ),
  });
  const status = {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  await onMember.ok(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  const containers = [{ name: 'c', image: 'none', stdin: true }];
  const metadata = { name: pod, namespace: 'default' };
  const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { nodeName: node, containers } };
  await onMember.ok('apply -f -', { input: documents(object) });
  const running = {
    phase: 'Running',
    containerStatuses: [
      { name: 'c', image: 'none', imageID: '', ready: true, restartCount: 0, state: { running: {} } },
    ],
  };
  const patch = JSON.stringify({ status: running });
  await onMember.ok(['patch', 'pod', pod, '--subresource=status', '--type=merge', '-p', patch]);
}

test('RG-52 logs are followed as they are written', async () => {
  const { keyFile, certFile } = await loopbackCertificate(dir, 'kubelet');
  let say: ((line: string) => void) | undefined;
  const kubelet = createServer(
    { key: await readFile(keyFile), cert: await readFile(certFile) },
    (request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write(`${request.url}\n`);
      say = (line) => void response.write(`${line}\n`);
    },
  );
  await new Promise<void>((resolve) => kubelet.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    kubelet.closeAllConnections();
    kubelet.close();
  });
  const { port } = kubelet.address() as AddressInfo;
  await addPod({ node: 'n1', pod: 'p', port });
  const { kubectl: program } = await commandLineTools('v35');
  const following = spawn(program, ['--kubeconfig', throughFile, 'logs', '-f', 'p'], {
    env: { PATH: process.env.PATH, HOME: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  cleanup.defer(() => void following.kill('SIGKILL'));
  let text = '';
  for (const output of [following.stdout, following.stderr]) {
    output.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
    });
  }
  await eventually(() => text.includes('/containerLogs/default/p/c?follow=true\n'), {
    timeoutMs: 20_000,
    message: text,
  });
  say?.('a line');
  await eventually(() => text.endsWith('a line\n'));
});

describe('a stand-in kubelet behind the member', () => {
  const protocols = [
    { name: 'WebSocket', websockets: 'true' },
    { name: 'SPDY', websockets: 'false' },
  ];
  const speaking = (websockets: string) => ({
    KUBECTL_REMOTE_COMMAND_WEBSOCKETS: websockets,
    KUBECTL_PORT_FORWARD_WEBSOCKETS: websockets,
  });

  beforeAll(async () => {
    const kubelet = cleanup.use(await startKubeletStub(dir));
    await addPod({ node: 'n2', pod: 'streams', port: kubelet.port });
    await eventually(async () => (await onMember('exec streams -- say here')).stdout === 'here\n');
  });

  test.each(protocols)(
    'RG-52 exec over $name: input, output, errors and the exit code arrive',
    async ({ websockets }) => {
      const env = speaking(websockets);
      expect(await through('exec streams -- say two words', { env })).toEqual({
        code: 0,
        stdout: 'two words\n',
        stderr: 'said\n',
      });
      const large = `${'0123456789abcdef'.repeat(64)}\n`.repeat(2_000);
      const echoed = await through('exec -i streams -- cat', { env, input: large });
      expect([echoed.code, echoed.stdout === large, echoed.stderr]).toEqual([0, true, '']);
      const failed = await through('exec streams -- exit 7', { env });
      expect([failed.code, failed.stderr]).toEqual([7, 'command terminated with exit code 7\n']);
    },
  );

  test.each(protocols)('RG-52 attach over $name: both ways, to the end', async ({ websockets }) => {
    const attached = await through('attach -i streams', { env: speaking(websockets), input: 'a line\n' });
    expect([attached.code, attached.stdout]).toEqual([0, 'attached\na line\n']);
  });

  test.each(protocols)(
    'RG-52 port-forward over $name: many connections at once, each its own',
    async ({ websockets }) => {
      const { kubectl: program } = await commandLineTools('v35');
      const forwarding = spawn(program, ['--kubeconfig', throughFile, 'port-forward', 'pod/streams', ':8080'], {
        env: { PATH: process.env.PATH, HOME: dir, ...speaking(websockets) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      cleanup.defer(() => void forwarding.kill('SIGKILL'));
      let said = '';
      for (const output of [forwarding.stdout, forwarding.stderr]) {
        output.on('data', (bytes: Buffer) => {
          said += bytes.toString('utf8');
        });
      }
      const port = await eventually(() => /127\.0\.0\.1:(\d+) -> 8080/.exec(said)?.[1], {
        timeoutMs: 30_000,
        message: 'a forwarded port',
      });
      const texts = ['one', 'two', 'three', 'x'.repeat(300_000)];
      const answers = await Promise.all(
        texts.map(async (wanted) => {
          const socket = connect(Number(port), '127.0.0.1');
          socket.write(wanted);
          let heard = '';
          socket.on('data', (bytes: Buffer) => {
            heard += bytes.toString('utf8');
          });
          await eventually(() => heard.length === wanted.length + '8080:'.length, { timeoutMs: 30_000 });
          socket.destroy();
          return heard;
        }),
      );
      expect(answers).toEqual(texts.map((wanted) => `8080:${wanted}`));
      forwarding.kill('SIGINT');
    },
  );
});
