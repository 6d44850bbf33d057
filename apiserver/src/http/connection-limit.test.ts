import { expect, test } from 'vitest';
import { connectionLimit, parseOpenFiles } from './connection-limit.ts';

const limits = (openFiles: string) => `Limit                     Soft Limit           Hard Limit           Units
Max processes             96365                96365                processes
Max open files            ${openFiles}               524288               files
Max locked memory         8388608              8388608              bytes
`;

test.each([
  { openFiles: undefined, connections: undefined },
  { openFiles: 64, connections: 16 },
  { openFiles: 128, connections: 32 },
  { openFiles: 256, connections: 160 },
  { openFiles: 1024, connections: 928 },
  { openFiles: 1_048_576, connections: 1_048_480 },
])('F-32 of $openFiles open files $connections may be connections', ({ openFiles, connections }) => {
  expect(connectionLimit(openFiles)).toBe(connections);
});

test.each([
  { what: 'a number', text: limits('1024'), found: 1024 },
  { what: 'no limit', text: limits('unlimited'), found: undefined },
  { what: 'nothing known', text: '', found: undefined },
])('F-32 the system says $what', ({ text, found }) => {
  expect(parseOpenFiles(text)).toBe(found);
});
