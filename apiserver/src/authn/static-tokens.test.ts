import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@quarterdeck/machinery';
import { expect, test } from 'vitest';
import { parseStaticTokens, readStaticTokens } from './static-tokens.ts';

const who = async (text: string, authorization: string | undefined) =>
  (await parseStaticTokens(text).authenticator.authenticate({ authorization, clientCertificate: undefined }))?.user;

const file = `secret,ada,7,"ops,dev"
plain,bob,,
,nobody,1

secret2,eve,2,one,more`;

test.each([
  { name: 'a user with a UID and groups', token: 'secret', user: { name: 'ada', uid: '7', groups: ['ops', 'dev'] } },
  { name: 'a user without either', token: 'plain', user: { name: 'bob', groups: [] } },
  {
    name: 'what follows the groups counts for nothing',
    token: 'secret2',
    user: { name: 'eve', uid: '2', groups: ['one'] },
  },
  { name: 'a token that nobody has', token: 'secret3', user: undefined },
])('KA-120b a static token: $name', async ({ token, user }) => {
  expect(await who(file, `Bearer ${token}`)).toEqual(user);
});

test('KA-120b without a bearer token nobody is named, for a line without a token counts for nothing', async () => {
  expect(await who(file, undefined)).toBeUndefined();
  expect(await who(file, 'Bearer ')).toBeUndefined();
  expect(await who(file, 'Basic secret')).toBeUndefined();
});

test('KA-120b of two lines with one token the later counts', async () => {
  expect(await who('t,ada,1\nt,bob,2', 'Bearer t')).toEqual({ name: 'bob', uid: '2', groups: [] });
});

test.each([
  {
    name: 'too few fields',
    text: 'a,b,c\n\na,b',
    said: 'line 3: there are 2 fields, where a token, a user and a UID are needed',
  },
  { name: 'a token of nobody', text: 'a,,c', said: 'line 1: the token names no user' },
  {
    name: 'a quote out of place',
    text: 'a,b,c\nd,e"f,g',
    said: 'line 2: a quote that neither begins nor ends a whole field',
  },
])('KA-120b $name is an error that names the file and the line, and no token', async ({ text, said }) => {
  const dir = await mkdtemp(join(tmpdir(), 'quarterdeck-tokens-'));
  try {
    const path = join(dir, 'tokens.csv');
    await writeFile(path, text);
    await expect(readStaticTokens(path, silentLogger)).rejects.toThrow(`the token file ${path}, ${said}`);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test('KA-120b a file that is not there is named', async () => {
  await expect(readStaticTokens('/nowhere/tokens.csv', silentLogger)).rejects.toThrow(
    'the token file /nowhere/tokens.csv cannot be read (ENOENT)',
  );
});
