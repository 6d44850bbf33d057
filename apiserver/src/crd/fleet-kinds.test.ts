import { readdirSync, readFileSync } from 'node:fs';
import { allKinds, crdOf, type KindDefinition } from '@quarterdeck/apis';
import { type Verdict, verdicts } from '@quarterdeck/apis/testing';
import { cloneValue, decodeYaml, type JsonObject, parseStructural, validateValue } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { stringAt } from '../registry/fields.ts';
import { schemaOf } from './crd-object.ts';
import { crdStrategy } from './crd-strategy.ts';
import { createRuleCompiler } from './rule-programs.ts';
import { checkRules } from './run-rules.ts';

const ruleCompiler = createRuleCompiler();
const plain = (value: unknown) => cloneValue(JSON.parse(JSON.stringify(value)) as JsonObject);

function schemaOfKind(kind: KindDefinition) {
  const version = crdOf(kind).spec.versions.find(({ name }) => name === kind.version);
  return parseStructural(schemaOf(version as unknown as JsonObject) ?? {});
}

/** What rules find wrong with an object that its schema accepts. */
function ruleFields(kind: KindDefinition, object: JsonObject, old?: JsonObject): string[] {
  const schema = schemaOfKind(kind);
  const rules = ruleCompiler.compile(schema);
  const found = validateValue(object, schema);
  return rules === undefined
    ? []
    : checkRules({ object, old, found, warn: () => {} }, rules).map(({ field, message }) => `${field}: ${message}`);
}

test.each(allKinds.map((kind) => [kind.kind, kind] as const))(
  'KA-101c KA-103 every rule of %s compiles, and is cheap enough',
  (_name, kind) => {
    const crd = plain(crdOf(kind));
    const strategy = crdStrategy({ ruleCompiler });
    const completed = strategy.complete?.(crd) ?? crd;
    expect(
      strategy.validateCreate?.(
        strategy.prepareForCreate?.(completed, { user: { name: 'a', groups: [] }, now: 0 }) ?? completed,
      ),
    ).toEqual([]);
  },
);

test.each(verdicts)('$name, as the rules have it', (verdict: Verdict) => {
  const old = verdict.old === undefined ? undefined : plain(verdict.old);
  const found = ruleFields(verdict.kind, plain(verdict.object), old);
  const refused = 'refused' in verdict ? verdict.refused : [];
  const unexplained = found.filter(
    (line) =>
      !line.startsWith('<nil>: Invalid value: null: some validation rules') &&
      !refused.some(({ field, messageIncludes }) => line.startsWith(`${field}: `) && line.includes(messageIncludes)),
  );
  expect(unexplained).toEqual([]);
});

const examples = new URL('../../../docs/examples/', import.meta.url);

test.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))('the rules accept the example %s', (name) => {
  const object = decodeYaml(readFileSync(new URL(name, examples), 'utf8')).value as JsonObject;
  const kind = allKinds.find((candidate) => candidate.kind === stringAt(object, 'kind'));
  if (kind === undefined) throw new Error('not a kind of ours');
  expect(ruleFields(kind, object)).toEqual([]);
});
