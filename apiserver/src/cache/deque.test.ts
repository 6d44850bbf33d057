import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDeque } from './deque.ts';

test('F-12 a deque forgets from its front and finds by revision', () => {
  const pushes = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(pushes, fc.constant('shift' as const)), { maxLength: 200 }),
      fc.nat(400),
      (steps, at) => {
        const deque = createDeque<{ revision: number }>();
        const model: { revision: number }[] = [];
        let revision = 0;
        for (const step of steps) {
          if (step === 'shift') {
            deque.shift();
            model.shift();
          } else {
            revision += step;
            const item = { revision };
            deque.push(item);
            model.push(item);
          }
          expect([deque.length, deque.first, deque.last]).toEqual([model.length, model[0], model.at(-1)]);
        }
        const above = model.findIndex((item) => item.revision > at);
        const index = above === -1 ? model.length : above;
        expect(deque.firstAbove(at)).toBe(index);
        expect(deque.slice(index, index + 3)).toEqual(model.slice(index, index + 3));
        expect(deque.at(index)).toBe(model[index]);
      },
    ),
  );
});
