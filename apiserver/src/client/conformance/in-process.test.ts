import { describeClientConformance } from '@quarterdeck/machinery/testing';
import { systemUser } from '../../server.ts';
import { startTestServer } from '../../testing/server.ts';

describeClientConformance('in process', async () => {
  const server = await startTestServer({ controllers: true });
  return {
    client: server.server.client(systemUser),
    async close() {
      await server[Symbol.asyncDispose]();
    },
  };
});
