import { boundedName, type WorkSet } from '@quarterdeck/apis';

/** `<namespace>.<name>`, the same on every cluster; with a hash when it would be too long. */
export function workNameOf(workSet: WorkSet): string {
  return boundedName(`${workSet.metadata.namespace}.${workSet.metadata.name}`, 253);
}
