import { Agent } from 'node:https';
import {
  createIssuedCertificate,
  dataDefinitions,
  startHttpListener,
  workloadDefinitions,
} from '@quarterdeck/apiserver';
import { startTestServer } from '@quarterdeck/apiserver/testing';
import { silentLogger, systemClock } from '@quarterdeck/machinery';
import type { Target } from './exchange.ts';

/** Kinds of the corpus, beside those that are made of pods. */
const furtherKinds: ReadonlySet<string> = new Set([
  ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'LimitRange', 'PersistentVolumeClaim'],
  ...['ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job', 'HorizontalPodAutoscaler'],
]);

/** Our API server in this process, over HTTPS, with storage in memory and the controllers of the API. */
export async function startOurServer(): Promise<Target & AsyncDisposable> {
  const stack = new AsyncDisposableStack();
  const others = dataDefinitions.filter(({ kind }) => furtherKinds.has(kind));
  const definitions = [...new Set([...workloadDefinitions, ...others])];
  const { server, pki } = stack.use(await startTestServer({ controllers: true, definitions }));
  const logger = silentLogger;
  const certificate = stack.use(
    await createIssuedCertificate({ pki, names: ['127.0.0.1'], clock: systemClock, logger }),
  );
  const listener = stack.use(await startHttpListener({ host: '127.0.0.1', port: 0, certificate, logger }));
  listener.mount('', server.pipeline);
  const admin = await pki.issueClient({ user: 'admin', groups: ['system:masters'] });
  const agent = new Agent({ keepAlive: true, ca: pki.caBundle, cert: admin.certificate, key: admin.key });
  stack.defer(() => agent.destroy());
  return { url: listener.url, headers: {}, agent, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
