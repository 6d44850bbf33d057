import { eventually, type TestLogger, testLogger } from '@quarterdeck/machinery/testing';
import { expect, test } from 'vitest';
import { keyOf, put, type StoreFixture, storeFixture, told } from '../testing/store-fixture.ts';
import { type FollowOptions, follow, followFromNow } from './follow.ts';
import { CompactedError, type Store, type StoreWatch } from './store.ts';

interface Following extends AsyncDisposable {
  /** Every load, and every event since. */
  readonly heard: string[];
  readonly logger: TestLogger;
  /** Follows one resource more, as a registry does with a new kind. */
  readonly grow: (resource: string) => void;
  /** The next batch of this resource's watch is an error. */
  readonly lose: (resource: string, error: Error) => void;
}

function start(
  { clock }: StoreFixture,
  store: Store,
  run: (options: FollowOptions, signal: AbortSignal) => Promise<void>,
): Following {
  const heard: string[] = [];
  const logger = testLogger();
  const stop = new AbortController();
  const losers = new Map<string, (error: Error) => void>();
  const resources = ['configmaps'];
  let onGrowth: (resource: string) => void = () => {};
  const open = (resource: string) => {
    const { entries, revision } = store.list({ resource });
    heard.push(`${resource}: ${entries.map(({ key }) => key.name).join(' ')}`);
    const { watch, lose } = losable(store.watch({ resource, after: revision }));
    losers.set(resource, lose);
    return { watch, onEvent: (event: Parameters<typeof told>[0]) => heard.push(told(event)) };
  };
  const growth: FollowOptions['growth'] = (more) => {
    onGrowth = (resource) => more(() => [open(resource)]);
    return {
      [Symbol.dispose]() {
        onGrowth = () => {};
      },
    };
  };
  const done = run({ store, clock, logger, load: () => resources.map(open), growth }, stop.signal);
  return {
    heard,
    logger,
    grow(resource) {
      resources.push(resource);
      onGrowth(resource);
    },
    lose: (resource, error) => losers.get(resource)?.(error),
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test ends'));
      await done;
    },
  };
}

function losable(watch: StoreWatch): { watch: StoreWatch; lose: (error: Error) => void } {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  return {
    lose: lost.reject,
    watch: {
      next: (idleMs, signal) => Promise.race([watch.next(idleMs, signal), lost.promise]),
      get revision() {
        return watch.revision;
      },
      [Symbol.dispose]: () => watch[Symbol.dispose](),
    },
  };
}

const hears = ({ heard }: Following, ...lines: string[]) =>
  eventually(() => {
    expect(heard).toEqual(lines);
    return true;
  });

test.each([
  { name: 'KA-87 what is there is loaded, then followed', run: follow },
  { name: 'KA-87 what is there is loaded at once where the store is ready', run: followFromNow },
])('$name', async ({ run }) => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await put(store, keyOf('n/a'));
  await using following = start(fixture, store, run);
  await hears(following, 'configmaps: a');
  const revision = await put(store, keyOf('n/b'));
  await hears(following, 'configmaps: a', `put n/b@${revision} was absent`);
});

test('KA-113 a resource that comes later is followed too, and what was followed before goes on', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await using following = start(fixture, store, follow);
  await hears(following, 'configmaps: ');
  following.grow('secrets');
  const first = await put(store, keyOf('n/s', 'secrets'));
  await hears(following, 'configmaps: ', 'secrets: ', `put n/s@${first} was absent`);
  const second = await put(store, keyOf('n/a'));
  await hears(following, 'configmaps: ', 'secrets: ', `put n/s@${first} was absent`, `put n/a@${second} was absent`);
});

test('KA-87 where one watch loses history all is loaded anew, and nothing is told twice', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await using following = start(fixture, store, follow);
  await hears(following, 'configmaps: ');
  following.grow('secrets');
  following.lose('secrets', new CompactedError('the ring has gone on'));
  await hears(following, 'configmaps: ', 'secrets: ', 'configmaps: ', 'secrets: ');
  const revision = await put(store, keyOf('n/a'));
  await hears(
    following,
    ...['configmaps: ', 'secrets: ', 'configmaps: ', 'secrets: '],
    `put n/a@${revision} was absent`,
  );
  expect(following.logger.messages('warn')).toEqual([]);
});

test('KA-87 any other failure is logged, and tried again after a while', async () => {
  await using fixture = storeFixture();
  const store = await fixture.start();
  await using following = start(fixture, store, follow);
  await hears(following, 'configmaps: ');
  following.lose('configmaps', new Error('broken'));
  await eventually(() => following.logger.messages('warn').length === 1);
  await fixture.clock.advance(200);
  await hears(following, 'configmaps: ', 'configmaps: ');
  expect(following.logger.messages('warn')).toEqual(['a follower of the store lost its watch']);
});
