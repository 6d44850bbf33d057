import { ApiError, HealthRule } from '@quarterdeck/apis';
import type { AdmissionAttributes, AdmissionContext } from '@quarterdeck/apiserver';
import { expect, test } from 'vitest';
import { healthRuleGate } from './health-rule-gate.ts';

const gate = healthRuleGate();
type Said = Partial<HealthRule['spec']>;
type State = NonNullable<Said['states']>[number];

/** What is refused, `field: message`. */
const refused = (...states: State[]): string[] => refusedSpec({ states });

function refusedSpec(said: Said): string[] {
  const object = {
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: 'HealthRule',
    metadata: { name: 'databases' },
    spec: { target: { group: 'example.com', kind: 'Database' }, ...said },
  };
  try {
    gate.validate?.({ name: 'databases', object } as unknown as AdmissionAttributes, {} as AdmissionContext);
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (error.status.details?.causes ?? []).map(({ field, message }) => `${field}: ${message}`);
  }
}

test('DL-22 a rule that agents can read is accepted', () => {
  const message = '"phase " + object.status.phase';
  expect(refused({ health: 'Healthy', when: 'object.?status.?phase.orValue("") == "Running"', message })).toEqual([]);
});

test('DL-22 an expression that does not compile, or gives the wrong type, is refused with its path', () => {
  const [when, type, ...more] = refused(
    { health: 'Healthy', when: 'object.' },
    { health: 'Degraded', when: '1 + 1', message: 'true' },
  );
  expect(when).toMatch(/^spec\.states\[0\]\.when: Invalid value: "object\.": compilation failed/);
  expect([type, ...more]).toEqual([
    'spec.states[1].when: Invalid value: "1 + 1": must give a bool, not a int',
    'spec.states[1].message: Invalid value: "true": must give a string, not a bool',
  ]);
});

test('DL-23 fields of reports by path or CEL are accepted, whatever they give; what cannot be read is refused with its path', () => {
  const [path, expression, ...more] = refusedSpec({
    feedback: [
      { name: 'phase', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'count', expression: 'object.spec.replicas - object.status.ready' },
      { name: 'odd', jsonPath: '.status[' },
      { name: 'cut', expression: 'object.' },
    ],
  });
  expect(path).toMatch(/^spec\.feedback\[2\]\.jsonPath: Invalid value: "\.status\[": /);
  expect(expression).toMatch(/^spec\.feedback\[3\]\.expression: Invalid value: "object\.": compilation failed/);
  expect(more).toEqual([]);
});

test('DL-22 only health rules are looked at, and their deletion is not', () => {
  const asked = { group: HealthRule.group, resource: HealthRule.plural, subresource: '', operation: 'CREATE' };
  const handles = (more: object) => gate.handles({ ...asked, ...more } as AdmissionAttributes);
  expect([handles({}), handles({ operation: 'DELETE' }), handles({ resource: 'works' })]).toEqual([true, false, false]);
});
