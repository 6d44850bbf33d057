import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**'];
const setup = ['tools/vitest-setup.ts'];
/** Who asks for more runs of the laws has the time for them. */
const unitTimeout = process.env.PBT_RUNS === undefined ? 30_000 : 1_800_000;

/** The tiers of CONTRIBUTING.md, one vitest project each. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{apis,machinery,apiserver,hub,agent,access,simulator,cli,bench}/src/**/*.test.ts',
            'tools/{spec,src}/**/*.test.ts',
          ],
          exclude: [...ignored, '**/*.int.test.ts', '**/conformance/**'],
          setupFiles: setup,
          testTimeout: unitTimeout,
        },
      },
      {
        test: {
          name: 'int',
          setupFiles: setup,
          include: ['{machinery,apiserver,hub,agent,access,simulator,cli,e2e}/src/**/*.int.test.ts'],
          exclude: ignored,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'conf',
          setupFiles: setup,
          include: ['{apis,machinery,apiserver,hub,agent}/src/**/conformance/*.test.ts'],
          exclude: ignored,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'gates',
          include: ['tools/gates/**/*.test.ts'],
          exclude: ignored,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: 'e2e/src/prepare.ts',
          include: ['e2e/src/**/*.e2e.test.ts'],
          exclude: ignored,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
