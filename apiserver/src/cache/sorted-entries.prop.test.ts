import { atLeast } from '@quarterdeck/machinery/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSortedEntries, type Sorted } from './sorted-entries.ts';

type Command =
  | { readonly do: 'set' | 'delete' | 'get'; readonly sort: string }
  | { readonly do: 'range'; readonly from: string; readonly to: string | undefined };

interface Item extends Sorted {
  readonly version: number;
}

const sort = fc.integer({ min: 0, max: 2000 }).map((number) => String(number).padStart(4, '0'));
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('set', 'set', 'delete', 'get'), sort }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('range' as const), from: sort, to: fc.option(sort, { nil: undefined }) }),
  },
);

test('KA-80 the collection behaves as a sorted map does', () => {
  fc.assert(
    // Loaded in order first, so that full leaves are split by what follows.
    fc.property(fc.nat(1500), fc.array(command, { maxLength: 300, size: 'max' }), (loaded, commands) => {
      const entries = createSortedEntries<Item>();
      const model = new Map<string, Item>();
      const put = (item: Item): void => {
        expect(entries.set(item)).toBe(model.get(item.sort));
        model.set(item.sort, item);
      };
      for (let n = 0; n < loaded; n++) put({ sort: String(n).padStart(4, '0'), version: 0 });
      for (const [version, current] of commands.entries()) {
        if (current.do === 'range') checkRange(entries, model, current);
        else if (current.do === 'set') put({ sort: current.sort, version });
        else if (current.do === 'get') expect(entries.get(current.sort)).toBe(model.get(current.sort));
        else {
          expect(entries.delete(current.sort)).toBe(model.get(current.sort));
          model.delete(current.sort);
        }
        expect(entries.size).toBe(model.size);
      }
      checkRange(entries, model, { from: '', to: undefined });
    }),
    atLeast(50),
  );
});

function checkRange(
  entries: ReturnType<typeof createSortedEntries<Item>>,
  model: ReadonlyMap<string, Item>,
  { from, to }: { readonly from: string; readonly to: string | undefined },
): void {
  const expected = [...model.values()]
    .filter((item) => item.sort >= from && (to === undefined || item.sort < to))
    .sort((a, b) => (a.sort < b.sort ? -1 : 1));
  expect([...entries.range(from, to)]).toEqual(expected);
  expect(entries.count(from, to)).toBe(expected.length);
}
