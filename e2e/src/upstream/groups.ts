import type { Expectations } from './names.ts';

/** Tests that run by themselves beside the others, because they wait minutes for the server: the run is as long as they. */
const slow = /\[Slow\]/;

/** The runs that one check makes of the lists; they go on at the same time against one server. */
export interface Groups {
  /** Everything quick. */
  readonly quick: readonly string[];
  readonly slow: readonly string[];
}

/**
 * @param exceptions which of those are tried: none; `quick`, which fail at once for want of a node; or all, also those
 * that wait ten minutes for a controller that never comes
 */
export function groupsOf(expected: Expectations, exceptions: 'none' | 'quick' | 'all'): Groups {
  const tried = [...expected.exceptions].flatMap(([name, reason]) =>
    exceptions === 'all' || (exceptions === 'quick' && reason === 'needs a node') ? [name] : [],
  );
  const waits = (name: string) => slow.test(name) || expected.exceptions.get(name) === 'needs a workload controller';
  const names = [...expected.passing, ...tried];
  return { quick: names.filter((name) => !waits(name)), slow: names.filter(waits) };
}
