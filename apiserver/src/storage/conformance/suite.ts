import { describe } from 'vitest';
import { followConformance } from './following.suite.ts';
import { pairs, type StorageHarness } from './harness.ts';
import { propertyConformance } from './properties.suite.ts';
import { readConformance } from './reading.suite.ts';
import { writeConformance } from './writes.suite.ts';

export interface StorageSuite {
  /** A database of its own for the test of this name. */
  readonly createHarness: (testName: string) => Promise<StorageHarness>;
  /** How many random bodies and histories to try. */
  readonly runs: { readonly bodies: number; readonly histories: number };
}

/** What every Storage does, whatever it keeps its data in. Always two instances on one database. */
export function storageConformance(name: string, { createHarness, runs }: StorageSuite): void {
  const open = pairs(createHarness);
  describe(`storage on ${name}`, () => {
    writeConformance(open);
    followConformance(open);
    readConformance(open);
    propertyConformance(open, runs);
  });
}
