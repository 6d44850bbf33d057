import { annotation, type Condition, type Stored, WorkReport } from '@quarterdeck/apis';
import { stored } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { condition, workWith } from '../../testing/builders.ts';
import { lastTold, outcomeOf, outcomeText, type ToldOutcome } from './told-outcome.ts';

const applied: Condition = condition('Applied', 'True', { observedGeneration: 2 });
const work = workWith([], { status: { conditions: [applied, condition('Degraded', 'False')] } });
const report = (text?: string): Stored<WorkReport> =>
  stored({
    apiVersion: 'quarterdeck.dev/v1alpha1',
    kind: WorkReport.kind,
    metadata: { name: 'w', ...(text === undefined ? {} : { annotations: { [annotation.toldOutcome]: text } }) },
  });

test('DL-23 what was told is what the report records, however the status reads', () => {
  const outcomes = fc.record({
    generation: fc.nat(),
    applied: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
    isDegraded: fc.boolean(),
  });
  fc.assert(
    fc.property(outcomes, (outcome: ToldOutcome) => {
      expect(lastTold(work, report(outcomeText(outcome)))).toEqual(outcome);
    }),
  );
});

test('DL-23 without a report nothing was told; a report that does not record it stands for the status beside it', () => {
  const ofStatus = { generation: 2, applied: 'True', isDegraded: false };
  expect(outcomeOf(work.status?.conditions)).toEqual(ofStatus);
  expect(lastTold(work, undefined)).toBeUndefined();
  for (const text of [undefined, '', 'x', '2 True', '-1 True Degraded', '2 Maybe Degraded', '2 True Degraded '])
    expect(lastTold(work, report(text))).toEqual(ofStatus);
  expect(lastTold(workWith([]), report())).toBeUndefined();
});
