import { describe, expect, test } from 'vitest';
import { agentManifests } from './agent-manifests.ts';

const options = {
  clusterName: 'edge-1',
  hubUrl: 'https://hub:6443',
  trust: { caHash: `sha256:${'0'.repeat(64)}` },
  token: 'abcdef.0123456789abcdef',
  image: 'quarterdeck:1',
};
const manifests = agentManifests(options);
const find = (kind: string, name: string) =>
  manifests.find((object) => object.kind === kind && object.metadata.name === name) as unknown as Record<string, never>;

describe('the manifest of an agent', () => {
  test('SEC-12 the token stands in its Secret and nowhere else', () => {
    const others = manifests.filter(({ metadata }) => metadata.name !== 'quarterdeck-agent-bootstrap');
    expect(JSON.stringify(others)).not.toContain('0123456789abcdef');
    expect(find('Secret', 'quarterdeck-agent-bootstrap')).toMatchObject({
      stringData: { token: 'abcdef.0123456789abcdef' },
    });
  });

  test('RG-53, SEC-7 a hub that does not show its CA is known by the CA that stands there', () => {
    const args = (object: unknown) => (JSON.stringify(object).match(/"--ca-[^"]+","[^"]+"/) ?? [])[0];
    expect(args(manifests.at(-1))).toBe(`"--ca-hash","${options.trust.caHash}"`);
    expect(args(agentManifests({ ...options, trust: { caData: 'UEVN' } }).at(-1))).toBe('"--ca-data","UEVN"');
  });

  test('SEC-4 of all Secrets the agent itself may read and replace its own state only', () => {
    expect(find('Role', 'quarterdeck-agent-state')).toMatchObject({
      rules: [{ resources: ['secrets'], resourceNames: ['quarterdeck-agent-state'], verbs: ['get', 'update'] }],
    });
  });

  test('RG-50 who may act as others is a service account of its own, and there only with a tunnel', () => {
    const text = JSON.stringify(manifests);
    expect([text.includes('quarterdeck-tunnel'), text.includes('--tunnel'), text.includes('"users"')]).toEqual([
      false,
      false,
      false,
    ]);
    const open = agentManifests({ ...options, tunnel: true });
    const impersonators = open.filter((object) => JSON.stringify(object).includes('"users","groups"'));
    expect(impersonators.map(({ kind, metadata }) => [kind, metadata.name])).toEqual([
      ['ClusterRole', 'quarterdeck-tunnel'],
    ]);
    expect(open).toContainEqual(
      expect.objectContaining({
        kind: 'ClusterRoleBinding',
        subjects: [{ kind: 'ServiceAccount', name: 'quarterdeck-tunnel', namespace: 'quarterdeck-system' }],
      }),
    );
    expect(JSON.stringify(open.at(-1))).toContain('"--tunnel"');
  });

  test('RG-55 the way to the hub by a proxy stands in the environment of the agent', () => {
    const env = (object: unknown) => JSON.stringify(object).match(/"env":(\[[^\]]*\])/)?.[1];
    const proxied = agentManifests({ ...options, httpsProxy: 'http://proxy:3128', noProxy: '10.0.0.0/8' });
    expect(JSON.parse(env(proxied.at(-1)) ?? '')).toEqual([
      { name: 'HTTPS_PROXY', value: 'http://proxy:3128' },
      { name: 'NO_PROXY', value: '10.0.0.0/8' },
    ]);
    expect(env(manifests.at(-1))).toBeUndefined();
  });

  test('RG-11, SEC-4 one pod at a time, without privileges', () => {
    expect(find('Deployment', 'quarterdeck-agent')).toMatchObject({
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        template: {
          spec: {
            serviceAccountName: 'quarterdeck-agent',
            securityContext: { runAsNonRoot: true },
            containers: [
              {
                image: 'quarterdeck:1',
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
              },
            ],
          },
        },
      },
    });
  });
});
