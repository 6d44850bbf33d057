export { type KubeBinaries, kubeBinaries, kubernetesVersion } from './binaries.ts';
export { cacheFolder } from './cache-dir.ts';
export { type Etcd, type KubeCluster, type KubeClusterOptions, startEtcd, startKubeCluster } from './cluster.ts';
export { goProgram, KubeUnavailableError } from './go-build.ts';
export { freePorts } from './ports.ts';
export { commandLineTools } from './tools.ts';
