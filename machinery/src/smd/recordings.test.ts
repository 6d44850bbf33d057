import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { encodeJson } from '../wire/json.ts';
import type { JsonObject, JsonValue } from '../wire/value.ts';
import { decodeYaml } from '../wire/yaml.ts';
import { appApiVersion, appSchema } from './app-schema.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { applyConflictMessage } from './conflicts.ts';
import { managedFieldsOf } from './owners.ts';
import { trackUpdate } from './track-update.ts';

interface Step {
  apply?: JsonObject;
  update?: JsonObject;
  by: string;
  subresource?: string;
  resetPaths?: string[][];
  force?: boolean;
  gives?: JsonObject;
  owners?: JsonObject;
  /** The lines of the message. */
  refused?: string[];
}

const text = readFileSync(new URL('./recordings.yaml', import.meta.url), 'utf8');
const recordings = decodeYaml(text).value as unknown as Record<string, Step[]>;

const rows = [
  { name: 'KA-76 the first apply creates the object and owns what it names', recording: 'first-apply' },
  { name: 'KA-79, KA-56 an apply that changes nothing leaves managedFields alone', recording: 'no-op' },
  { name: 'KA-76b who applies the value that is there shares it, and gets no time', recording: 'shared-value' },
  { name: 'KA-76c a shared field changes only by force, and then has one owner', recording: 'shared-value-forced' },
  { name: 'KA-76b an apply without force is refused where an update owns another value', recording: 'owned-by-update' },
  { name: 'KA-76b conflicts name the subresource', recording: 'subresource-conflict' },
  { name: 'KA-76b all conflicts are listed, with the paths of list items', recording: 'many-conflicts' },
  { name: 'KA-76 a field that is left out goes when nobody else owns it', recording: 'left-out' },
  { name: 'KA-76 a field that another manager took over stays when it is left out', recording: 'left-out-taken-over' },
  { name: 'KA-76 a map goes with its last leaf', recording: 'last-leaf' },
  { name: 'KA-76 a map stays as long as somebody owns a part of it', recording: 'partly-owned-map' },
  { name: 'KA-74 a key that is left out takes its default: TCP', recording: 'default-key' },
  { name: 'KA-76 a list item goes with its last owner', recording: 'item-last-owner' },
  { name: 'KA-76 a list item takes along what nobody owns in it', recording: 'item-unowned-rest' },
  { name: 'KA-76 env variables of two managers live side by side', recording: 'env-of-two' },
  {
    name: 'KA-76 shared list items take the order of the configuration, others stay between them',
    recording: 'item-order',
  },
  { name: 'KA-74 finalizers are a set: each manager has its own', recording: 'finalizers' },
  { name: 'KA-73 conditions are owned through the status, and nothing else is', recording: 'conditions' },
  { name: 'KA-73 status is not owned through the main resource', recording: 'status-through-main' },
  { name: 'KA-74 an atomic list is owned as a whole', recording: 'atomic-list' },
  { name: 'KA-74 an atomic map is owned as a whole', recording: 'atomic-map' },
  { name: 'KA-74 an applied empty map is owned as such', recording: 'empty-map' },
  { name: 'KA-74 an applied empty list is owned where it is atomic', recording: 'empty-list' },
  { name: 'KA-74 null is a value of its own', recording: 'null-values' },
  { name: 'KA-74 in areas of unknown fields objects are granular and lists atomic', recording: 'unknown-area' },
  { name: 'KA-74 a value may change its type where unknown fields are kept', recording: 'changed-type' },
  { name: 'KA-75 an update gains what it changes and adds, and others lose it', recording: 'update-gains' },
  { name: 'KA-75 what an update removes leaves all sets', recording: 'update-removes' },
  { name: 'KA-72 manager, operation, version and subresource tell entries apart', recording: 'entry-identity' },
  { name: 'KA-77 managedFields [] clears them, the next apply starts anew', recording: 'cleared' },
  { name: 'KA-77 one empty entry clears managedFields too', recording: 'cleared-by-empty-entry' },
  { name: 'KA-77 invalid managedFields from a client are ignored', recording: 'invalid-from-client' },
  { name: 'KA-77 valid managedFields from a client replace the stored ones', recording: 'sent-by-client' },
  { name: 'KA-77 more than ten updates are merged into ancient-changes', recording: 'ancient-changes' },
  { name: 'KA-74 live duplicates are owned together, and an apply replaces them', recording: 'duplicates' },
  { name: 'KA-75 an update that ends duplicates owns the item that is left', recording: 'duplicates-end' },
  { name: 'KA-73 what identifies an object is never owned', recording: 'identity-unowned' },
  { name: 'KA-72 entries are sorted by operation, time and manager', recording: 'entry-order' },
  { name: 'KA-78 kubectl takes over what client-side apply set', recording: 'kubectl-takes-over' },
  { name: 'KA-78 kubectl conflicts where somebody changed what client-side apply set', recording: 'kubectl-conflict' },
  { name: 'KA-78 an annotation that cannot be trusted allows nothing', recording: 'kubectl-untrusted' },
];

describe('what Kubernetes answers', () => {
  test.each(rows)('$name', ({ recording }) => {
    let live: JsonObject | undefined;
    for (const [index, step] of (recordings[recording] ?? []).entries()) {
      const result = play(step, index, live);
      if (typeof result === 'string') {
        expect(result.split('\n'), `step ${index}`).toEqual(step.refused);
        continue;
      }
      expect(summary(result), `step ${index}`).toEqual({ gives: step.gives, owners: fieldTexts(step.owners ?? {}) });
      live = { ...result, metadata: { ...(result.metadata as JsonObject), uid: 'u' } };
    }
    expect(live).toBeDefined();
  });

  test('every recording is played', () => {
    expect(rows.map(({ recording }) => recording)).toEqual(Object.keys(recordings));
  });
});

function play(step: Step, index: number, live: JsonObject | undefined): JsonObject | string {
  const common = {
    live,
    schema: appSchema,
    manager: step.by,
    apiVersion: appApiVersion,
    subresource: step.subresource,
    resetPaths: step.resetPaths,
    now: secondOf(index),
  };
  if (step.apply === undefined) return trackUpdate({ ...common, next: framed(step.update ?? {}) });
  const result = applyConfiguration({ ...common, config: framed(step.apply), force: step.force });
  return result.object ?? applyConflictMessage(result.conflicts);
}

const secondOf = (index: number): string => `2020-01-01T00:00:${String(index).padStart(2, '0')}Z`;

const framed = (object: JsonObject): JsonObject => ({
  apiVersion: appApiVersion,
  kind: 'App',
  ...object,
  metadata: { name: 'app', ...(object.metadata as JsonObject | undefined) },
});

function summary(object: JsonObject): { gives: JsonObject; owners: [string, string][] } {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { name: ___, uid: ____, managedFields: _____, ...others } = metadata as JsonObject;
  const entries = (managedFieldsOf(object) ?? []) as JsonObject[];
  return {
    gives: Object.keys(others).length === 0 ? rest : { metadata: others, ...rest },
    owners: entries.map((entry) => [ownerName(entry), encodeJson(entry.fieldsV1 as JsonValue)]),
  };
}

/** Compared as text, so that the order of keys counts. */
const fieldTexts = (owners: JsonObject): [string, string][] =>
  Object.entries(owners).map(([owner, fields]) => [owner, encodeJson(fields)]);

function ownerName({ manager, operation, subresource, time }: JsonObject): string {
  const who = subresource === undefined ? manager : `${manager}/${subresource}`;
  const second = /^2020-01-01T00:00:(\d\d)Z$/.exec(String(time))?.[1];
  const when = second === undefined ? String(time) : String(Number(second));
  return time === undefined ? `${operation} ${who}` : `${operation} ${who} at ${when}`;
}
