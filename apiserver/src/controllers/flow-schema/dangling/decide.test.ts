import { expect, test } from 'vitest';
import { decide } from './decide.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const schema = { metadata: { name: 'fs' }, spec: { priorityLevelConfiguration: { name: 'level' } } };

test('KA-142 a flow schema without its level is dangling, with it no more; what is said already is not said again', () => {
  const dangling = decide({ schema, hasLevel: false }, now);
  expect(dangling).toEqual({
    ...schema,
    status: {
      conditions: [
        {
          type: 'Dangling',
          status: 'True',
          reason: 'NotFound',
          message:
            'This FlowSchema references the PriorityLevelConfiguration object named "level" but there is no such object',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    },
  });
  expect(decide({ schema: dangling ?? {}, hasLevel: false }, now + 1_000)).toBeUndefined();
  const found = decide({ schema: dangling ?? {}, hasLevel: true }, now + 1_000);
  expect(found).toMatchObject({
    status: { conditions: [{ status: 'False', reason: 'Found', lastTransitionTime: '2026-01-01T00:00:01Z' }] },
  });
});
