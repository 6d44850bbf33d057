import { expect, test } from 'vitest';
import { clusterNameOf, saysCluster } from './cluster-name.ts';

const config = { clusterName: 'of-the-profile' };

test.each([
  { args: ['--cluster-name', 'm1'], says: true, want: 'm1' },
  { args: ['--cluster-name=m1'], says: true, want: 'm1' },
  { args: [], says: false, want: 'of-the-profile' },
])('RG-51 $args names the member $want', ({ args, says, want }) => {
  expect([saysCluster(args), clusterNameOf({ args, config })]).toEqual([says, want]);
});

test.each([{ args: ['--cluster-name', ''] }, { args: ['--cluster-name='] }, { args: ['--cluster-name'] }])(
  'RG-51 $args, as of a variable that is not set, is refused by name: a token for nobody would be of no use',
  ({ args }) => {
    expect(saysCluster(args)).toBe(true);
    expect(() => clusterNameOf({ args, config })).toThrow(
      '--cluster-name is given without a name: say which member cluster is meant',
    );
  },
);
