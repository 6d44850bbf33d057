import { expect, test } from 'vitest';
import { checkRequestUri, parseUrl, printUrl, urlEscapedPath, urlHostname, urlPort, urlQuery } from './go-url.ts';
import { UrlError } from './go-url-escape.ts';

test('KA-102 a URL comes apart as in Go', () => {
  const url = parseUrl('HTTPS://us%65r:p%40w@[fe80::1%25en0]:8443/a%2fb c?k=1&k=2#fr ag');
  expect(url).toEqual({
    scheme: 'https',
    opaque: '',
    userinfo: 'user:p%40w',
    host: '[fe80::1%en0]:8443',
    path: '/a/b c',
    rawPath: '/a%2fb c',
    rawQuery: 'k=1&k=2',
    forceQuery: false,
    fragment: 'fr ag',
    rawFragment: 'fr ag',
    omitHost: false,
  });
  expect([urlHostname(url), urlPort(url)]).toEqual(['fe80::1%en0', '8443']);
  expect(urlEscapedPath(url)).toBe('/a/b%20c');
});

test.each([
  ['https://host', 'https://host'],
  ['https://host?', 'https://host?'],
  ['file:/etc/x', 'file:/etc/x'],
  ['file:///etc/x', 'file:///etc/x'],
  ['mailto:a@b', 'mailto:a@b'],
  ['/a b?c#d', '/a%20b?c#d'],
  ['//host/x', '//host/x'],
  ['*', '*'],
  ['https://u:p@h/%2f?q=1#a%20b', 'https://u:p@h/%2f?q=1#a%20b'],
])('KA-102 the URL %s prints as %s', (text, printed) => {
  expect(printUrl(parseUrl(text))).toBe(printed);
});

test.each([
  ['/x?a=1&b=2&a=3', { a: ['1', '3'], b: ['2'] }],
  ['/x?a+b=c%20d', { 'a b': ['c d'] }],
  ['/x?a;b=1&c=%zz&d', { d: [''] }],
  ['/x?__proto__=1', { ['__proto__']: ['1'] }],
  ['/x', {}],
])('KA-102 the query of %s is %j', (text, expected) => {
  expect([...urlQuery(parseUrl(text))]).toEqual(Object.entries(expected));
});

test.each([
  ['', 'empty url'],
  ['relative/path', 'invalid URI for request'],
  [':x', 'missing protocol scheme'],
  ['https://a b/', 'invalid character " " in host name'],
  ['https://a%41/', 'invalid URL escape "%41"'],
  ['https://host/%g', 'invalid URL escape "%g"'],
  ['https://host:x/', 'invalid port ":x" after host'],
  ['https://[::1', "missing ']' in host"],
  ['https://[1.2.3.4]/', 'invalid IP-literal'],
  ['https://a b@host/', 'net/url: invalid userinfo'],
  ['/\u0001', 'invalid control character in URL'],
])('KA-102 %j is no URL', (text, problem) => {
  expect(() => checkRequestUri(text)).toThrow(UrlError);
  expect(() => checkRequestUri(text)).toThrow(problem);
});
