import { expect, test } from 'vitest';
import { targetProblem } from './target.ts';

test.each([
  '/',
  '/api/v1/pods?watch=true',
  '/api/v1/namespaces/a/pods/b/exec?command=..&command=%2Fbin%2Fsh',
  '/api/v1/namespaces/a/services/https:b:443/proxy/x//y',
  '/apis/x.io/v1/widgets/...',
  '/a%2fb',
  '/a%2f..b',
  '/a%252f..%252fb',
])('SEC-5 %s may be asked for', (target) => {
  expect(targetProblem(target)).toBeUndefined();
});

test.each([
  '',
  'api/v1',
  'https://other.host/',
  '//other.host/x',
  '/..',
  '/a/../b',
  '/a/./b',
  '/%2e%2E/b',
  '/a/.%2e?x',
  '/a%2f..%2fb',
  '/%2E%2E%2Fb',
  '/a/..%5Cb',
  '/a b',
  '/a\r\nx: y',
  '/a\\..\\b',
  '/ä',
  '/a#b',
])('SEC-5 %j may not', (target) => {
  expect(targetProblem(target)).toMatch(/^the path /);
});
