import { getOwn, isJsonObject, type JsonObject, type JsonValue, setOwn } from '../wire/value.ts';
import { liveItemElement } from './list-item.ts';
import type { PathElement } from './path-element.ts';
import { fieldShape, type ListShape, type MapShape, readingOf, type Shape } from './shape.ts';

/**
 * Lays an applied configuration over the live object: its leaves win, maps and keyed lists merge, nothing is removed.
 * The result shares what did not change with both arguments. KA-76
 * @param config checked: no list item is named twice
 */
export function mergeObjects(live: JsonObject, config: JsonObject, shape: Shape): JsonObject {
  return mergeValues(shape, live, config) as JsonObject;
}

function mergeValues(shape: Shape, live: JsonValue, config: JsonValue): JsonValue {
  switch (readingOf(shape, config)) {
    case 'scalar':
      return config;
    case 'list': {
      const list = shape.list as ListShape;
      const liveItems = Array.isArray(live) ? live : [];
      const items = Array.isArray(config) ? config : [];
      if (!list.associative || liveItems.length + items.length === 0) return config;
      return mergeItems(list, liveItems, items);
    }
    case 'map': {
      const map = shape.map as MapShape;
      const liveFields = isJsonObject(live) ? live : {};
      const fields = isJsonObject(config) ? config : {};
      if (map.atomic || Object.keys(liveFields).length + Object.keys(fields).length === 0) return config;
      return mergeFields(map, liveFields, fields);
    }
  }
}

function mergeFields(shape: MapShape, live: JsonObject, config: JsonObject): JsonObject {
  const merged: JsonObject = {};
  for (const name of Object.keys(live)) {
    const value = live[name] as JsonValue;
    const applied = getOwn(config, name);
    setOwn(merged, name, applied === undefined ? value : mergeValues(fieldShape(shape, name), value, applied));
  }
  for (const name of Object.keys(config)) {
    if (!Object.hasOwn(live, name)) setOwn(merged, name, config[name] as JsonValue);
  }
  return merged;
}

/**
 * Shared items stand in the order of the configuration; live items between them stay where they are; new items follow
 * the shared item that they follow in the configuration.
 */
function mergeItems(shape: ListShape, live: readonly JsonValue[], config: readonly JsonValue[]): JsonValue[] {
  const liveElements = live.map((item, index) => liveItemElement(shape, item, index));
  const elements = config.map((item, index) => liveItemElement(shape, item, index));
  const liveItems = indexItems(liveElements, live);
  const items = indexItems(elements, config);
  const shared = elements.filter((element) => liveItems.has(element)).values();
  let nextShared = shared.next().value;

  const merged: JsonValue[] = [];
  const taken = new Set<PathElement>();
  const takeApplied = (element: PathElement): void => {
    const applied = items.get(element) as JsonValue;
    const current = liveItems.get(element);
    merged.push(current === undefined ? applied : mergeValues(shape.item, current, applied));
    taken.add(element);
    if (element === nextShared) nextShared = shared.next().value;
  };

  let liveIndex = 0;
  let index = 0;
  while (liveIndex < live.length || index < config.length) {
    const liveElement = liveElements[liveIndex];
    const element = elements[index];
    if (liveElement !== undefined && liveElement === element) {
      takeApplied(element);
      liveIndex++;
      index++;
      continue;
    }
    if (liveElement !== undefined && !items.has(liveElement)) {
      merged.push(live[liveIndex] as JsonValue);
      liveIndex++;
      continue;
    }
    if (liveElement !== undefined && element !== undefined && nextShared !== undefined && nextShared !== liveElement) {
      // A shared item whose turn comes later, or came already: its place is that of the configuration.
      liveIndex++;
      continue;
    }
    if (liveElement !== undefined && taken.has(liveElement)) liveIndex++;
    if (element !== undefined) {
      takeApplied(element);
      index++;
    }
  }
  return merged;
}

/** Items that share a name have no single value to merge with: the applied one replaces them all. */
function indexItems(elements: readonly PathElement[], list: readonly JsonValue[]): Map<PathElement, JsonValue> {
  const items = new Map<PathElement, JsonValue>();
  for (const [index, element] of elements.entries()) {
    items.set(element, items.has(element) ? null : (list[index] as JsonValue));
  }
  return items;
}
