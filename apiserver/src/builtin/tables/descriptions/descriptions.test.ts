import { describe, expect, test } from 'vitest';
import { kinds } from '../kinds.gen.ts';
import { messages } from '../messages.ts';
import { describeField, describeKind, messageTexts } from './describe.ts';
import { kindTexts } from './kinds.ts';

/** The groups of KA-1, and of core those of its kinds. */
const describedGroups = [
  'events.k8s.io',
  'coordination.k8s.io',
  'rbac.authorization.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
];
const describedCore = ['Namespace', 'ConfigMap', 'Secret', 'ServiceAccount', 'Event'];

const described = kinds.filter(({ group, kind }) =>
  group === '' ? describedCore.includes(kind) : describedGroups.includes(group),
);

/** Every field that a kind reaches, as `message.field`, but those of ObjectMeta, which is described elsewhere. */
function fieldsOf(message: string, seen = new Set<string>()): string[] {
  if (seen.has(message) || message === 'meta.v1.ObjectMeta') return [];
  seen.add(message);
  return (messages[message]?.fields ?? []).flatMap((field) => [
    ...(field.inline || field.name === 'metadata' || describeField(message, field.name) !== undefined
      ? []
      : [`${message}.${field.name}`]),
    ...(field.message === undefined ? [] : fieldsOf(field.message, seen)),
  ]);
}

describe('descriptions', () => {
  test.each(described)('KA-24 every field of $kind ($group/$version) is described', ({ message }) => {
    expect(fieldsOf(message)).toEqual([]);
  });

  test.each([
    'apps.v1.Deployment',
    'apps.v1.DeploymentSpec',
    'apps.v1.DeploymentStatus',
    'apps.v1.DeploymentStrategy',
    'apps.v1.DaemonSetSpec',
    'apps.v1.ReplicaSetSpec',
    'apps.v1.StatefulSetSpec',
    'batch.v1.JobSpec',
    'core.v1.Container',
    'core.v1.PodSpec',
    'core.v1.PodTemplateSpec',
    'core.v1.ServicePort',
  ])('KA-24 every field of %s, which simulated members have, is described', (message) => {
    const fields = messages[message]?.fields ?? [];
    expect(fields.length).toBeGreaterThan(0);
    const missing = fields.filter(({ name }) => name !== 'metadata' && describeField(message, name) === undefined);
    expect(missing).toEqual([]);
  });

  test('KA-24 every kind is described', () => {
    expect(kinds.filter((row) => describeKind(row) === undefined)).toEqual([]);
  });

  test('descriptions are of things that exist', () => {
    const fields = Object.entries(messageTexts).flatMap(([message, texts]) =>
      Object.keys(texts)
        .filter((name) => name !== '' && !messages[message]?.fields.some((field) => field.name === name))
        .map((name) => `${message}.${name}`),
    );
    const names = kinds.map(({ group, version, kind }) => `${group}/${version} ${kind}`);
    expect({ fields, kinds: Object.keys(kindTexts).filter((name) => !names.includes(name)) }).toEqual({
      fields: [],
      kinds: [],
    });
  });

  test('descriptions are short sentences', () => {
    const texts = [
      ...Object.values(kindTexts),
      ...Object.values(messageTexts).flatMap((message) => Object.values(message)),
    ];
    expect(texts.filter((text) => !/^["A-Z0-9].{3,160}[.]$/.test(text))).toEqual([]);
  });
});
