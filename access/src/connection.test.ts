import type { ClusterProfile } from '@quarterdeck/apis';
import { describe, expect, test } from 'vitest';
import { planConnection, planIdentity } from './connection.ts';
import { execInfo } from './exec-credential.ts';
import { parseProviderFile } from './provider-file.ts';

type Status = NonNullable<ClusterProfile['status']>;
type Cluster = NonNullable<NonNullable<Status['accessProviders']>[number]['cluster']>;

const pem = '-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n';
const caData = Buffer.from(pem).toString('base64');
const profile = (status: Status): ClusterProfile => ({
  apiVersion: 'multicluster.x-k8s.io/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { namespace: 'fleet', name: 'm1' },
  spec: { clusterManager: { name: 'quarterdeck' } },
  status,
});
const offering = (cluster: Partial<Cluster> = {}, name = 'token') =>
  profile({ accessProviders: [{ name, cluster: { server: 'https://m1:6443', ...cluster } }] });
const providers = (...names: string[]) =>
  parseProviderFile(
    JSON.stringify({
      providers: names.map((name) => ({
        name,
        execConfig: {
          command: `plugin-${name}`,
          apiVersion: 'client.authentication.k8s.io/v1',
          provideClusterInfo: true,
        },
        profileSourcedCLIArgsPolicy: 'Append',
      })),
    }),
  );

describe('choosing a provider', () => {
  const both: Status = {
    credentialProviders: [
      { name: 'token', cluster: { server: 'https://old:6443' } },
      { name: 'older', cluster: { server: 'https://older:6443' } },
    ],
    accessProviders: [{ name: 'token', cluster: { server: 'https://new:6443' } }],
  };

  test('CP-6, CI-31 accessProviders win over credentialProviders of the same name', () => {
    expect(planConnection(profile(both), providers('token')).server).toBe('https://new:6443');
    expect(planConnection(profile(both), providers('older')).server).toBe('https://older:6443');
  });

  test("CP-7 the consumer's order decides, not the profile's", () => {
    expect(planConnection(profile(both), providers('none', 'older', 'token')).provider).toBe('older');
  });

  test('CP-8 nothing in common: an error that names the profile and both sides', () => {
    expect(() => planConnection(profile(both), providers('spiffe'))).toThrow(
      'ClusterProfile fleet/m1: no access type in common: the profile offers token, older, the provider file has spiffe',
    );
    expect(() => planConnection(profile({}), parseProviderFile('{}'))).toThrow(
      'offers none, the provider file has none',
    );
  });

  test('CP-8 a provider without execConfig: an error that names it', () => {
    const file = parseProviderFile('{"providers": [{"name": "token"}]}');
    expect(() => planConnection(offering(), file)).toThrow('the provider "token" has no execConfig');
  });

  test('CP-7 no fallback to the next provider when the chosen one fails', () => {
    const status: Status = {
      accessProviders: [{ name: 'token' }, { name: 'other', cluster: { server: 'https://m1:6443' } }],
    };
    expect(() => planConnection(profile(status), providers('token', 'other'))).toThrow('has no cluster.server');
  });
});

describe('building a connection', () => {
  test('CP-10, CP-11, CP-12 everything that the profile says of the cluster', () => {
    const cluster = {
      'certificate-authority-data': caData,
      'certificate-authority': '/etc/ca.crt',
      'tls-server-name': 'api.m1',
      'proxy-url': 'http://proxy:3128',
      'insecure-skip-tls-verify': false,
    };
    expect(planConnection(offering(cluster), providers('token'))).toEqual({
      provider: 'token',
      server: 'https://m1:6443',
      caPem: pem,
      serverName: 'api.m1',
      insecure: false,
      proxy: 'http://proxy:3128',
      plugin: {
        apiVersion: 'client.authentication.k8s.io/v1',
        command: 'plugin-token',
        args: [],
        env: [],
        cluster: {
          server: 'https://m1:6443',
          'certificate-authority-data': caData,
          'tls-server-name': 'api.m1',
          'proxy-url': 'http://proxy:3128',
        },
      },
    });
  });

  test('CP-18 the plugin is told of the cluster by the names of a kubeconfig, and never a path', () => {
    const cluster = {
      'certificate-authority-data': caData,
      'certificate-authority': '/etc/ca.crt',
      'tls-server-name': 'api.m1',
      'proxy-url': 'http://proxy:3128',
      'insecure-skip-tls-verify': true,
      'disable-compression': true,
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'a', deep: { list: [1] } } }],
    };
    const { plugin } = planConnection(offering(cluster), providers('token'));
    expect(JSON.parse(execInfo(plugin))).toEqual({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: {
        interactive: false,
        cluster: {
          server: 'https://m1:6443',
          'certificate-authority-data': caData,
          'tls-server-name': 'api.m1',
          'proxy-url': 'http://proxy:3128',
          'insecure-skip-tls-verify': true,
          'disable-compression': true,
          config: { audience: 'a', deep: { list: [1] } },
        },
      },
    });
  });

  test('CP-10 an empty proxy is none at all', () => {
    expect(planConnection(offering({ 'proxy-url': '' }), providers('token'))).not.toHaveProperty('proxy');
  });

  test('CP-10 an empty CA is none at all, as in a kubeconfig', () => {
    const plan = planConnection(offering({ 'certificate-authority-data': '' }), providers('token'));
    expect(plan).not.toHaveProperty('caPem');
  });

  test('CP-17 no cluster information unless the consumer asks for it', () => {
    const file = parseProviderFile(
      '{"providers": [{"name": "token", "execConfig": {"command": "p", "apiVersion": "client.authentication.k8s.io/v1"}}]}',
    );
    expect(planConnection(offering(), file).plugin).not.toHaveProperty('cluster');
  });

  test('CP-15, CP-16 building for one cluster leaves file and profile as they are; the result is the same each time', () => {
    const extensions = [
      { name: 'clusterprofiles.multicluster.x-k8s.io/exec/additional-args', extension: { args: ['--of-m1'] } },
      { name: 'client.authentication.k8s.io/exec', extension: { b: 1, a: 2 } },
    ];
    const [one, file] = [offering({ extensions }), providers('token')];
    const before = structuredClone({ one, file });
    const first = planConnection(one, file);
    expect(planConnection(offering(), file).plugin.args).toEqual([]);
    expect({ one, file }).toEqual(before);
    expect(planIdentity(planConnection(structuredClone(one), file))).toBe(planIdentity(first));
    expect(first.plugin).toMatchObject({ args: ['--of-m1'], cluster: { config: { b: 1, a: 2 } } });
  });

  test.each<{ name: string; cluster: Partial<Cluster>; message: string }>([
    { name: 'CP-10 no server', cluster: { server: ' ' }, message: 'the access provider has no cluster.server' },
    { name: 'CP-10 a server that is no URL', cluster: { server: 'm1' }, message: 'cluster.server "m1" is no URL' },
    { name: 'CP-10 a socks proxy', cluster: { 'proxy-url': 'socks5://p:1' }, message: 'not socks5' },
    {
      name: 'CP-10 a CA that is none',
      cluster: { 'certificate-authority-data': 'eA==' },
      message: 'cluster.certificate-authority-data is no base64 of a PEM bundle',
    },
  ])('$name: an error that names the profile', ({ cluster, message }) => {
    const build = () => planConnection(offering(cluster), providers('token'));
    expect(build).toThrow('ClusterProfile fleet/m1: ');
    expect(build).toThrow(message);
  });

  test.each<{ name: string; other: ClusterProfile; equal: boolean }>([
    { name: 'the same settings in another object', other: offering(), equal: true },
    {
      name: 'a heartbeat in the status',
      other: { ...offering(), metadata: { namespace: 'b', name: 'm2' } },
      equal: true,
    },
    { name: 'another server', other: offering({ server: 'https://m2:6443' }), equal: false },
    { name: 'another CA', other: offering({ 'certificate-authority-data': caData }), equal: false },
    {
      name: 'another plugin config',
      other: offering({ extensions: [{ name: 'client.authentication.k8s.io/exec', extension: { a: 1 } }] }),
      equal: false,
    },
  ])('CP-46 settings are compared by value: $name', ({ other, equal }) => {
    const [a, b] = [offering(), other].map((each) => planIdentity(planConnection(each, providers('token'))));
    expect(a === b).toBe(equal);
  });
});
