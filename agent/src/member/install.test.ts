import { apiError, type CustomResourceDefinition, crdOf, memberKinds, notFound } from '@quarterdeck/apis';
import { type Client, silentLogger } from '@quarterdeck/machinery';
import { fakeClock } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { createMemberKinds, installMemberKinds } from './install.ts';

const names = memberKinds.map((kind) => crdOf(kind).metadata.name ?? '');

/** A member that serves a kind from the second look at it on. */
function memberApi(there: readonly string[] = [], failure?: Error, served?: string) {
  const calls: string[] = [];
  const looks = new Map(there.map((name) => [name, 1]));
  const client = {
    get: (type: never, { name }: { name: string }) => {
      calls.push(`get ${name}`);
      const seen = looks.get(name);
      if (seen === undefined) return Promise.reject(notFound(type, name));
      looks.set(name, seen + 1);
      const conditions = [{ type: 'Established', status: seen > 0 ? 'True' : 'False' }];
      const crd = memberKinds.map((kind) => crdOf(kind)).find(({ metadata }) => metadata.name === name);
      const versions = served === undefined ? crd?.spec.versions : [{ name: served, served: true }];
      return Promise.resolve({ metadata: { name }, spec: { versions }, status: { conditions } });
    },
    create: (_type: never, { metadata: { name = '' } }: CustomResourceDefinition) => {
      calls.push(`create ${name}`);
      looks.set(name, 0);
      return failure === undefined ? Promise.resolve({}) : Promise.reject(failure);
    },
  };
  return { calls, client: client as unknown as Client };
}

const install = ({ client }: ReturnType<typeof memberApi>, clock = fakeClock()) =>
  installMemberKinds({ memberClient: client, clock, logger: silentLogger }, new AbortController().signal);

test('AB-31 all kinds that are missing are made before any is waited for', async () => {
  const member = memberApi();
  const clock = fakeClock();
  const installed = install(member, clock);
  let isDone = false;
  void installed.then(() => {
    isDone = true;
  });
  while (!isDone) await clock.advance(100);
  const made = names.flatMap((name) => [`get ${name}`, `create ${name}`]);
  const waited = names.flatMap((name) => [`get ${name}`, `get ${name}`]);
  expect(member.calls).toEqual([...made, ...waited]);
});

test('AB-31 kinds that are served are looked at once', async () => {
  const member = memberApi(names);
  await install(member);
  expect(member.calls).toEqual(names.map((name) => `get ${name}`));
});

test('AB-31 a kind that may not be made is named', async () => {
  const member = memberApi([], apiError('Forbidden', 'no'));
  await expect(install(member)).rejects.toThrow(`the agent may not install ${names[0]} on its cluster`);
});

test('AB-31 what is missing or too old is kept to be told, until it is there', async () => {
  const { signal } = new AbortController();
  const about = (member: ReturnType<typeof memberApi>) =>
    createMemberKinds({ memberClient: member.client, clock: fakeClock(), logger: silentLogger });
  const refused = about(memberApi([], apiError('Forbidden', 'no')));
  await refused.install(signal).catch(() => {});
  expect(refused.problem).toBe(
    `the agent may not install ${names[0]} on its cluster; install it from crds/: until it is there, no Work is delivered`,
  );
  const old = about(memberApi(names, undefined, 'v0'));
  await old.install(signal);
  const outdated = memberKinds.map(
    ({ version }, index) => `${names[index]} of its cluster does not serve ${version}, which the agent reads`,
  );
  expect(old.problem).toBe(`${outdated.join('; ')}: install it anew from crds/`);
  const current = about(memberApi(names));
  await current.install(signal);
  expect(current.problem).toBeUndefined();
});
