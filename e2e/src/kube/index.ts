export { type KubeBinaries, kubeBinaries, kubernetesVersion } from './binaries.ts';
export { type Etcd, type KubeCluster, type KubeClusterOptions, startEtcd, startKubeCluster } from './cluster.ts';
export { KubeUnavailableError } from './go-build.ts';
export { commandLineTools } from './tools.ts';
