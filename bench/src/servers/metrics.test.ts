import { expect, test } from 'vitest';
import { seriesOf } from './metrics.ts';

const text = `# HELP sent_total Events.
sent_total{resource="works"} 12
sent_total{resource="works.old",verb="GET"} 3
sent_total_all{resource="works"} 99
`;

test.each([
  { name: 'sent_total', labels: { resource: 'works' }, want: 12 },
  { name: 'sent_total', labels: { verb: 'GET' }, want: 3 },
  { name: 'sent_total', labels: { resource: 'pods' }, want: 0 },
  { name: 'sent', labels: {}, want: 0 },
])('$name of $labels is $want', ({ name, labels, want }) => expect(seriesOf(text, name, labels)).toBe(want));
