import type { SimPod } from '../kinds.ts';
import { revisionHash } from '../template-hash.ts';

/** The revision that a pod of a StatefulSet or DaemonSet was made from. */
export const podRevision = ({ metadata }: SimPod): string | undefined => metadata.labels?.[revisionHash];
