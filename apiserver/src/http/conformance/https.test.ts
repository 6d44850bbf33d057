import { createHttpClient, silentLogger, systemClock } from '@quarterdeck/machinery';
import { describeClientConformance } from '@quarterdeck/machinery/testing';
import { startTestServer } from '../../testing/server.ts';
import { createIssuedCertificate } from '../../tls/serving-certificate.ts';
import { startHttpListener } from '../listener.ts';

describeClientConformance('over HTTPS', async () => {
  const server = await startTestServer({ controllers: true });
  const { pki } = server;
  const logger = silentLogger;
  const certificate = await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger });
  const listener = await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger });
  listener.mount('', server.server.pipeline);
  const admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const client = createHttpClient({
    baseUrl: listener.url,
    tls: { ca: pki.caBundle, cert: admin.certificate, key: admin.key },
  });
  return {
    client,
    async close() {
      await client[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      certificate[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});
