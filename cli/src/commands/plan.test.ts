import { describe, expect, test } from 'vitest';
import { editsOf } from './plan.ts';

const none = { taint: [], without: [], like: [], label: [] };

describe('editsOf', () => {
  test('PL-35 taints, labels and missing clusters are read from flags', () => {
    expect(
      editsOf(
        {
          taint: ['m1=maintenance:NoExecute', 'm1=a=b:NoSchedule'],
          without: ['m2'],
          like: ['m9=m3'],
          label: ['m3=tier=gold', 'm3=old-'],
        },
        5,
      ),
    ).toEqual({
      removed: ['m2'],
      copied: [{ clusterName: 'm9', of: 'm3' }],
      tainted: [
        { clusterName: 'm1', taint: { key: 'maintenance', value: '', effect: 'NoExecute', timeAdded: 5 } },
        { clusterName: 'm1', taint: { key: 'a', value: 'b', effect: 'NoSchedule', timeAdded: 5 } },
      ],
      labelled: [
        { clusterName: 'm3', key: 'tier', value: 'gold' },
        { clusterName: 'm3', key: 'old', value: undefined },
      ],
    });
  });

  test.each([
    { flags: { ...none, taint: ['m1=maintenance'] }, want: /--taint m1=maintenance: must be/ },
    { flags: { ...none, like: ['m9'] }, want: /--like m9: must be/ },
    { flags: { ...none, label: ['m1=tier'] }, want: /--label m1=tier: has no value/ },
    { flags: { ...none, label: ['m1'] }, want: /--label m1: must be/ },
  ])('PL-35 what is not in form is refused: $want', ({ flags, want }) => {
    expect(() => editsOf(flags, 0)).toThrow(want);
  });
});
