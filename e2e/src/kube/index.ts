export { type KubeBinaries, KubeUnavailableError, kubeBinaries, kubernetesVersion } from './binaries.ts';
export { type Etcd, type KubeCluster, type KubeClusterOptions, startEtcd, startKubeCluster } from './cluster.ts';
export { commandLineTools } from './tools.ts';
