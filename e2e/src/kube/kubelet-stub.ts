import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './cache-dir.ts';
import { goProgram, type Progress } from './go-build.ts';
import { freePorts } from './ports.ts';
import { startProcess } from './process.ts';

const run = promisify(execFile);
const module = join(dirname(fileURLToPath(import.meta.url)), '../../kube');

/** The program of kube/kubelet-stub: from the cache, or built with Go. @throws KubeUnavailableError */
export async function kubeletStubBinary(progress: Progress = () => {}): Promise<string> {
  const inputs = await Promise.all(
    ['go.mod', 'kubelet-stub/main.go'].map((file) => readFile(join(module, file), 'utf8')),
  );
  const folder = await cacheFolder('kubelet-stub', inputs);
  const args = ['build', '-ldflags', '-s -w', './kubelet-stub'] as const;
  return await goProgram({ folder, file: 'kubelet-stub', module, args, what: 'kubelet-stub' }, progress);
}

/** What stands in for the kubelet of a node: runs commands, attaches, forwards ports. */
export interface KubeletStub extends AsyncDisposable {
  readonly port: number;
}

/** A self-signed certificate for loopback. */
export async function loopbackCertificate(
  dir: string,
  name: string,
): Promise<{ readonly keyFile: string; readonly certFile: string }> {
  const [keyFile, certFile] = [join(dir, `${name}.key`), join(dir, `${name}.crt`)];
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile],
  ]);
  return { keyFile, certFile };
}

/** Starts one on loopback; its log lies in `dir`. */
export async function startKubeletStub(dir: string): Promise<KubeletStub> {
  const { keyFile, certFile } = await loopbackCertificate(dir, 'kubelet-stub');
  const [port = 0] = await freePorts(1);
  const running = await startProcess(await kubeletStubBinary(), {
    logFile: join(dir, 'kubelet-stub.log'),
    args: ['-cert', certFile, '-key', keyFile, '-port', String(port)],
  });
  return { port, [Symbol.asyncDispose]: () => running.stop() };
}
