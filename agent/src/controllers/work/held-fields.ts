import type { JsonObject } from '@quarterdeck/machinery';
import { lostFields, pathText } from './owned-fields.ts';

/**
 * Remembers, per object, which fields the last manifest that was applied had set, and which of them the server does not let
 * anybody hold (it rewrites them). In memory: after a restart the first is known again for what did not change meanwhile,
 * and the second is learnt by one apply that changes nothing. WK-23, WK-27, DL-21
 */
export interface HeldFields {
  /** After a successful apply. @param owned the FieldsV1 that the server gave us */
  remember(uid: string, sent: JsonObject, owned: JsonObject): void;
  /** Whether a field, as conflicts name it, was set by the last manifest. */
  wasSet(uid: string, field: string): boolean;
  unownable(uid: string): ReadonlySet<string>;
}

interface Held {
  readonly set: ReadonlySet<string>;
  readonly unownable: ReadonlySet<string>;
}

/** Objects of one kind mostly have the same fields, which are kept once for all of them. */
interface Shape extends Held {
  readonly key: string;
  objects: number;
}

const maxObjects = 20_000;
const none: ReadonlySet<string> = new Set();

export function createHeldFields(): HeldFields {
  const objects = new Map<string, Shape>();
  const shapes = new Map<string, Shape>();

  function shapeOf(set: readonly string[], unownable: readonly string[]): Shape {
    // No name holds a NUL, which no decoder lets through.
    const key = [...set, '', ...unownable].join('\0');
    const known = shapes.get(key);
    if (known !== undefined) return known;
    const shape = { key, objects: 0, set: new Set(set), unownable: unownable.length === 0 ? none : new Set(unownable) };
    shapes.set(key, shape);
    return shape;
  }

  function release(shape: Shape | undefined): void {
    if (shape !== undefined && --shape.objects === 0) shapes.delete(shape.key);
  }

  return {
    remember(uid, sent, owned) {
      if (objects.size >= maxObjects) {
        objects.clear();
        shapes.clear();
      }
      const textOf = (fields: JsonObject) => lostFields(sent, fields).map(({ path }) => pathText(path));
      const shape = shapeOf(textOf({}), textOf(owned));
      shape.objects++;
      release(objects.get(uid));
      objects.set(uid, shape);
    },
    wasSet: (uid, field) =>
      objects
        .get(uid)
        ?.set.values()
        .some((path) => isAtOrBelow(field, path)) === true,
    unownable: (uid) => objects.get(uid)?.unownable ?? none,
  };
}

/** A list is remembered as a whole. */
const isAtOrBelow = (field: string, path: string): boolean =>
  field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);
