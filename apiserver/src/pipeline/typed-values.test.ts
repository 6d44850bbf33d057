import { expect, test } from 'vitest';
import { protobufTables } from '../builtin/tables/index.ts';
import { typedValues } from './typed-values.ts';

const finest = { cpu: '100u', memory: '1024Mi' };

test('KA-51 amounts of core kinds are no finer than a thousandth; the overhead of a RuntimeClass may be', () => {
  const quota = typedValues({ spec: { hard: finest } }, 'core.v1.ResourceQuota', protobufTables);
  expect(quota.value).toEqual({ spec: { hard: { cpu: '1m', memory: '1Gi' } } });
  const runtimeClass = typedValues({ overhead: { podFixed: finest } }, 'node.v1.RuntimeClass', protobufTables);
  expect(runtimeClass.value).toEqual({ overhead: { podFixed: { cpu: '100u', memory: '1Gi' } } });
});
