import { expect, test } from 'vitest';
import { formatMessage, parseMessage } from './compact.ts';
import { messages } from './messages.ts';

test('KA-1 every table is what its text says, and says it again', () => {
  const names = Object.keys(messages);
  expect(names.length).toBeGreaterThan(400);
  const changed = names.filter((name) => {
    const row = messages[name];
    return row === undefined || JSON.stringify(parseMessage(formatMessage(name, row))) !== JSON.stringify(row);
  });
  expect(changed).toEqual([]);
});

test('KA-1 what the text form cannot hold is refused, what it does not know too', () => {
  const bad = { fields: [{ name: 'a b', number: 1, type: 'string' as const }] };
  expect(() => formatMessage('x', bad)).toThrow('"a b" does not fit the text form of the tables');
  expect(() => parseMessage('x\na 1 string often')).toThrow('unknown word "often" in the built-in tables');
});
