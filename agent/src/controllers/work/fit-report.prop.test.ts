import type { ManifestReport } from '@quarterdeck/apis';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitReport, isTrimmed, maxReportBytes } from './fit-report.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const time = '2026-01-01T00:00:00Z';
const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

/** Of one manifest that is told of in one piece; `ä` is two bytes. */
const drifted = (ordinal: number, paths: number, letters: number, isPlain: boolean): ManifestReport => ({
  identifier: { ordinal, kind: 'ConfigMap', name: `c${ordinal}` },
  health: 'Progressing',
  healthSince: time,
  message: 'm'.repeat(letters),
  appliedHash: 'h',
  drift: {
    state: 'Reported',
    firstSeenTime: time,
    lastSeenTime: time,
    fields: Array.from({ length: paths }, (_, index) => ({
      path: `.data.k${index}`,
      wanted: (isPlain ? 'w' : 'ä').repeat(letters),
    })),
  },
});

const reports = fc
  .array(fc.record({ paths: fc.nat(20), letters: fc.nat(200), isPlain: fc.boolean() }), { maxLength: 30 })
  .map((all) => all.map(({ paths, letters, isPlain }, ordinal) => drifted(ordinal, paths, letters, isPlain)));

const fit = (manifests: ManifestReport[], maxBytes: number, sizeOf?: (manifest: ManifestReport) => number) =>
  fitReport(
    { observedWorkGeneration: 1, manifests },
    { before: undefined, now, maxBytes, ...(sizeOf === undefined ? {} : { sizeOf }) },
  );

/** The levels of detail of one manifest, found by making less and less room for it alone. */
function levelsOf(manifest: ManifestReport): ManifestReport[] {
  const levels = [manifest];
  for (;;) {
    const last = levels.at(-1) ?? manifest;
    const [less] = fit([manifest], size([last]) - 1).manifests ?? [];
    if (less === undefined || size(less) >= size(last)) return levels;
    levels.push(less);
  }
}

test('DL-23, WK-28 a report has the most detail that fits for all of its manifests, and says when some was left out', () => {
  fc.assert(
    fc.property(reports, fc.integer({ min: 2_000, max: 60_000 }), (manifests, maxBytes) => {
      const { manifests: fitted = [], conditions } = fit(manifests, maxBytes);
      const isWhole = size(manifests) <= maxBytes;
      expect(size(fitted)).toBeLessThanOrEqual(maxBytes);
      expect(fitted.map(({ identifier }) => identifier.ordinal)).toEqual(
        manifests.map(({ identifier }) => identifier.ordinal),
      );
      expect(isTrimmed(conditions)).toBe(!isWhole);
      if (isWhole) expect(fitted).toEqual(manifests);
    }),
  );
});

test('DL-23 less room never gives more detail, and room for one more level is used', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 20 }),
      (paths, letters, count) => {
        const levels = levelsOf(drifted(0, paths, letters, true));
        for (const level of levels) {
          // Equal manifests, so that all of them fit at a level exactly when there is so much room for each.
          const manifests = Array.from({ length: count }, () => drifted(0, paths, letters, true));
          const room = size(Array.from({ length: count }, () => level));
          expect(fit(manifests, room).manifests).toEqual(Array.from({ length: count }, () => level));
          if (level !== levels.at(-1)) expect(fit(manifests, room - 1).manifests).not.toContainEqual(level);
        }
      },
    ),
  );
});

test('DL-23, WK-28 however much there is to tell, little more is encoded than fits', () => {
  let encoded = 0;
  const sizeOf = (manifest: ManifestReport) => {
    const bytes = size(manifest);
    encoded += bytes;
    return bytes;
  };
  const heavy = Array.from({ length: 1_000 }, (_, ordinal) => drifted(ordinal, 100, 250, true));
  expect(size(fit(heavy, maxReportBytes, sizeOf).manifests)).toBeLessThanOrEqual(maxReportBytes);
  expect(encoded).toBeLessThan(4 * maxReportBytes); // all of it is 27 MB
});
