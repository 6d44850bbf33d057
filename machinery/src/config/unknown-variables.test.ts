import { expect, test } from 'vitest';
import { unknownVariables } from './unknown-variables.ts';

const known = ['QUARTERDECK_DATA_DIR', 'QUARTERDECK_DATABASE', 'QUARTERDECK_HUB', 'QUARTERDECK_LISTEN', 'KUBECONFIG'];
const told = (env: Record<string, string>) => unknownVariables(env, known);

test('a variable that is mistyped is told, with the one that is nearest', () => {
  expect(told({ QUARTERDECK_LISTN: 'x', QUARTERDECK_DATADIR: 'y', QUARTERDECK_FOR_SOMETHING_ELSE: 'z' })).toEqual([
    'the environment variable QUARTERDECK_DATADIR is not known and has no effect: did you mean QUARTERDECK_DATA_DIR?',
    'the environment variable QUARTERDECK_FOR_SOMETHING_ELSE is not known and has no effect',
    'the environment variable QUARTERDECK_LISTN is not known and has no effect: did you mean QUARTERDECK_LISTEN?',
  ]);
});

test("known ones, empty ones, others' and those that Kubernetes makes for a Service are not told", () => {
  expect(
    told({
      QUARTERDECK_LISTEN: 'x',
      QUARTERDECK_LISTN: '',
      KUBECONFG: 'x',
      QUARTERDECK: 'x',
      QUARTERDECK_SERVICE_HOST: '10.0.0.1',
      QUARTERDECK_HUB_SERVICE_PORT_HTTPS: '443',
      QUARTERDECK_HUB_PORT: 'tcp://10.0.0.1:443',
      QUARTERDECK_HUB_PORT_443_TCP_ADDR: '10.0.0.1',
    }),
  ).toEqual([]);
});
