import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionSlice } from '../testing/decision-slice.ts';
import { type DecisionSlice, decidedClusterKey, readDecision } from './decision.ts';
import { type SettledDecision, settle, unsettled } from './settle.ts';

const cluster = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const decision = fc.array(fc.uniqueArray(cluster, { maxLength: 4 }), { minLength: 1, maxLength: 4 });
const decisions = fc.array(decision, { minLength: 2, maxLength: 6 });

/** The states that a scheduler goes through that writes one slice after another: gains first, then losses, then surplus. PD-13 */
function statesOf(lists: readonly (readonly string[][])[]): DecisionSlice[][] {
  const states: DecisionSlice[][] = [];
  let slices = new Map<number, DecisionSlice>();
  for (const [at, target] of lists.entries()) {
    const put = (index: number, clusters: readonly string[]) => {
      const next = decisionSlice(`s${index}`, clusters, { key: 'k', index, revision: at + 1 });
      slices = new Map(slices).set(index, next);
      states.push([...slices.values()]);
    };
    const old = new Map(
      [...slices].map(([index, { decisions: list }]) => [index, list.map((each) => each.clusterProfileRef.name)]),
    );
    for (const [index, clusters] of target.entries())
      put(index, [...new Set([...clusters, ...(old.get(index) ?? [])])]);
    for (const [index, clusters] of target.entries()) put(index, clusters);
    for (const index of [...slices.keys()].filter((each) => each >= target.length)) {
      slices = new Map(slices);
      slices.delete(index);
      states.push([...slices.values()]);
    }
  }
  return states;
}

const keysOf = ({ clusters }: Pick<SettledDecision, 'clusters'>) => new Set(clusters?.map(decidedClusterKey));

test('PD-13 PD-23 a cluster that stays chosen is never withdrawn from, at whatever moments one looks', () => {
  fc.assert(
    fc.property(decisions, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (lists, strides) => {
      const always = lists.map((lists_) => new Set(lists_.flat())).reduce((a, b) => a.intersection(b));
      let state: SettledDecision = unsettled;
      let skip = 0;
      // While the first decision comes into being, nothing is kept yet.
      const built = statesOf(lists.slice(0, 1)).length - 1;
      for (const slices of statesOf(lists).slice(built)) {
        if (skip-- > 0) continue;
        skip = strides.next().value ?? 0;
        state = settle({ before: state, reading: readDecision(slices), now: 0 });
        if (state.clusters === undefined) continue;
        for (const name of always) expect(keysOf(state)).toContain(`ns/${name}`);
      }
    }),
  );
});

test('PD-23 at rest, once the hold-down is over, what counts is what the slices say', () => {
  fc.assert(
    fc.property(decisions, (lists) => {
      const states = statesOf(lists);
      let state: SettledDecision = unsettled;
      for (const slices of states) state = settle({ before: state, reading: readDecision(slices), now: 0 });
      state = settle({ before: state, reading: readDecision(states.at(-1) ?? []), now: 30_000 });
      expect(state.held).toBeUndefined();
      expect(keysOf(state)).toEqual(
        new Set(
          lists
            .at(-1)
            ?.flat()
            .map((name) => `ns/${name}`),
        ),
      );
    }),
  );
});

test('PD-21 PD-22 the order in which slices arrive changes nothing', () => {
  fc.assert(
    fc.property(decision, fc.func(fc.nat()), (lists, rank) => {
      const slices = lists.map((clusters, index) => decisionSlice(`s${index}`, clusters, { index, revision: 1 }));
      const shuffled = slices.toSorted((a, b) => rank(a.metadata.name) - rank(b.metadata.name));
      expect(readDecision(shuffled)).toEqual(readDecision(slices));
    }),
  );
});
