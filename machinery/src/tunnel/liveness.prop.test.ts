import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstLiveness, type LivenessEvent, stepLiveness } from './liveness.ts';

const events = fc.array(fc.constantFrom<LivenessEvent>('tick', 'heard'), { maxLength: 60 });

test('RG-52 a connection is cut once, and only after four ticks in a row without a sign of life', () => {
  fc.assert(
    fc.property(events, (all) => {
      let state = firstLiveness;
      let silence = 0;
      let cuts = 0;
      for (const event of all) {
        const before = state;
        const { next, action } = stepLiveness(state, event);
        state = next;
        silence = event === 'tick' ? silence + 1 : 0;
        if (action === 'cut') {
          cuts += 1;
          expect(silence).toBe(4);
        }
        if (before.type === 'lost') expect(next).toEqual(before);
        else if (event === 'heard') expect(next).toEqual(firstLiveness);
      }
      expect(cuts).toBe(state.type === 'lost' ? 1 : 0);
    }),
  );
});
