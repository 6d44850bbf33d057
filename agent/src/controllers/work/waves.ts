import type { GroupVersionKind } from '@quarterdeck/apis';
import { isContainerKind } from './marks.ts';
import { rankOf } from './order.ts';

/** What the order of a Work depends on. */
export interface Ordered {
  readonly gvk: GroupVersionKind;
  readonly namespace: string;
  readonly name: string;
  readonly ordinal: number;
  readonly wave: number;
  /** The group and kind that a CustomResourceDefinition defines. */
  readonly defines?: { readonly group: string; readonly kind: string } | undefined;
}

/**
 * Manifests by wave, each wave in the order of kinds and then of the list. A Namespace or CRD comes no later than the first
 * manifest that lives in it or is an instance of it, whatever its own wave says. Every manifest is in exactly one wave. DL-1
 */
export function inWaves<T extends Ordered>(items: readonly T[]): T[][] {
  const needed = firstUse(items);
  const waves = new Map<number, T[]>();
  for (const item of items) {
    const wave = Math.min(item.wave, needed.get(nameOfContainer(item)) ?? item.wave);
    const members = waves.get(wave);
    if (members === undefined) waves.set(wave, [item]);
    else members.push(item);
  }
  return [...waves]
    .toSorted(([a], [b]) => a - b)
    .map(([, members]) => members.toSorted((a, b) => rankOf(a.gvk) - rankOf(b.gvk) || a.ordinal - b.ordinal));
}

const inNamespace = (name: string) => `in ${name}`;
const ofKind = ({ group, kind }: { group: string; kind: string }) => `of ${kind}.${group}`;

/** The lowest wave that lives in each namespace, and that is of each kind. */
function firstUse(items: readonly Ordered[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  for (const { gvk, namespace, wave } of items) {
    const uses = namespace === '' ? [ofKind(gvk)] : [ofKind(gvk), inNamespace(namespace)];
    for (const use of uses) first.set(use, Math.min(wave, first.get(use) ?? wave));
  }
  return first;
}

/** What a container is needed as; empty for everything else. */
function nameOfContainer({ gvk, name, defines }: Ordered): string {
  if (!isContainerKind(gvk)) return '';
  if (gvk.kind === 'Namespace') return inNamespace(name);
  return defines === undefined ? '' : ofKind(defines);
}

/** What is withdrawn together, the last wave first; within it, last applied first withdrawn. DL-1 */
export function inWithdrawWaves<T extends { readonly wave: number }>(inOrder: readonly T[]): T[][] {
  const waves = Map.groupBy(inOrder, ({ wave }) => wave);
  return [...waves].toSorted(([a], [b]) => b - a).map(([, members]) => members);
}
