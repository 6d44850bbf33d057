import { systemClock } from '@quarterdeck/machinery';
import { createMemoryDatabase, openMemoryStorage } from '../memory.ts';
import { storageConformance } from './suite.ts';

storageConformance('memory', {
  runs: { bodies: 200, histories: 200 },
  async createHarness() {
    const database = createMemoryDatabase();
    return {
      open: () => openMemoryStorage(database, { clock: systemClock }),
      rewrite: async () => database.rewrite(),
      async [Symbol.asyncDispose]() {},
    };
  },
});
