import type { JsonObject } from '@quarterdeck/machinery';
import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AdmissionAttributes } from '../admission.ts';
import { createMatcher } from './match.ts';

const some = (...values: string[]) => fc.subarray(values, { minLength: 1 });
const rule = fc.record({
  operations: some('CREATE', 'UPDATE', '*'),
  apiGroups: some('', 'apps', '*'),
  apiVersions: some('v1', 'v2', '*'),
  resources: some('pods', 'pods/status', 'deployments', '*', '*/status', 'pods/*'),
  resourceNames: fc.subarray(['a', 'b']),
  scope: fc.constantFrom('*', 'Namespaced', 'Cluster'),
});
const selector = fc.constantFrom({}, { matchLabels: { a: 'b' } });
const match = fc.record({
  resourceRules: fc.array(rule, { maxLength: 2 }),
  excludeResourceRules: fc.array(rule, { maxLength: 1 }),
  namespaceSelector: selector,
  objectSelector: selector,
  matchPolicy: fc.constantFrom('Exact', 'Equivalent'),
});
const place = fc.record({
  group: fc.constantFrom('', 'apps'),
  version: fc.constantFrom('v1', 'v2'),
  resource: fc.constantFrom('pods', 'deployments'),
  kind: fc.constant('Kind'),
});
const request = fc
  .record({
    at: place,
    operation: fc.constantFrom('CREATE' as const, 'UPDATE' as const),
    subresource: fc.constantFrom('', 'status'),
    namespace: fc.constantFrom('', 'n'),
    name: fc.constantFrom('a', 'b', 'c'),
    labels: fc.constantFrom({}, { a: 'b' }),
  })
  .map(({ at, labels, ...rest }): AdmissionAttributes => {
    const user = { name: 'ada', groups: [] };
    return { ...at, ...rest, user, dryRun: false, object: { metadata: { labels } }, oldObject: undefined };
  });

test('KA-137b what cannot be matched by its resource is not matched by anything else', () => {
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(match, request, fc.array(place, { maxLength: 2 }), (spec, attributes, others) => {
      const matcher = createMatcher(spec as unknown as JsonObject);
      const world = { equivalents: () => others, namespaceLabels: () => ({}) };
      const isMatched = matcher.match(attributes, world) !== undefined;
      const canMatch = matcher.canMatch(attributes, world);
      outcomes.add(`${canMatch} ${isMatched}`);
      return canMatch || !isMatched;
    }),
    atLeast(2_000),
  );
  // All that may be was seen.
  expect([...outcomes].toSorted()).toEqual(['false false', 'true false', 'true true']);
});
