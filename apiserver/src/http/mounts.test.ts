import { expect, test } from 'vitest';
import type { Pipeline } from '../pipeline/http-message.ts';
import { createMounts } from './mounts.ts';

const named = (name: string): Pipeline =>
  Object.assign(() => Promise.reject(new Error('not called')), { pipelineName: name });
const [root, first, second] = [named('root'), named('first'), named('second')];

function mounts() {
  const all = createMounts();
  all.add('', root);
  all.add('/members/m1', first);
  all.add('/members/m1/inner', second);
  return all;
}

test.each([
  ['/api/v1', { pipeline: root, path: '/api/v1' }],
  ['/', { pipeline: root, path: '/' }],
  ['/members/m1/api', { pipeline: first, path: '/api' }],
  ['/members/m1', { pipeline: first, path: '/' }],
  ['/members/m1/', { pipeline: first, path: '/' }],
  ['/members/m12/api', { pipeline: root, path: '/members/m12/api' }],
  ['/members/m1/inner/api', { pipeline: second, path: '/api' }],
])('%s goes to the longest prefix', (path, want) => expect(mounts().find(path)).toEqual(want));

test('a prefix is taken once, and free again when disposed', () => {
  const all = createMounts();
  const mount = all.add('/a', first);
  expect(() => all.add('/a', second)).toThrow('is taken');
  mount[Symbol.dispose]();
  expect(all.find('/a/x')).toBeUndefined();
  all.add('/a', second);
  expect(all.find('/a/x')).toEqual({ pipeline: second, path: '/x' });
});

test.each(['a', '/a/', '//a'])('"%s" is no prefix', (prefix) => {
  expect(() => createMounts().add(prefix, root)).toThrow('not a path prefix');
});
