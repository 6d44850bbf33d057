import type { ListOrder } from '../load/loadgen-orders.ts';
import { allWorksPath } from '../load/work.ts';

/** One way to ask for a list. */
export interface Shape {
  readonly name: 'full' | 'pages of 500' | 'selector' | 'rv=0' | 'WatchList';
  readonly isSelected: boolean;
  readonly order: Pick<ListOrder, 'path' | 'pages' | 'watch'>;
}

/** Those that are asked for at once, where it is not one. */
export const many = 16;

const initialEvents = 'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';

/** @param part value of the label `part` that the selector asks for */
export function shapes(part: string): readonly Shape[] {
  const at = (query: string) => `${allWorksPath}${query}`;
  return [
    { name: 'full', isSelected: false, order: { path: at('') } },
    { name: 'pages of 500', isSelected: false, order: { path: at('?limit=500'), pages: true } },
    { name: 'selector', isSelected: true, order: { path: at(`?labelSelector=part%3D${part}`) } },
    { name: 'rv=0', isSelected: false, order: { path: at('?resourceVersion=0') } },
    { name: 'WatchList', isSelected: false, order: { path: at(`?${initialEvents}`), watch: true } },
  ];
}

/** Up to here every shape is measured many at once; above it the full list alone, which is the largest. */
const manyUpTo = { quarterdeck: 10_000, 'kube-apiserver': 1_000 } as const;
/** So many objects in all are enough to measure by. */
const enoughObjects = 20_000;

/** How many lists one after the other are worth their time; 0: not measured. */
export function worthwhile(asked: {
  readonly server: keyof typeof manyUpTo;
  readonly shape: Pick<Shape, 'name'>;
  readonly size: number;
  readonly atOnce: number;
}): number {
  const { server, shape, size, atOnce } = asked;
  if (atOnce > 1 && shape.name !== 'full' && size > manyUpTo[server]) return 0;
  return Math.max(1, Math.floor(enoughObjects / size / atOnce));
}
