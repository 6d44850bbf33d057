import type { SimulatedController } from '../engine/controller.ts';
import { daemonSetController } from './daemon-set/controller.ts';
import { deploymentController } from './deployment/controller.ts';
import { jobController } from './job/controller.ts';
import { createKubelet, type KubeletOptions } from './kubelet/controller.ts';
import { replicaSetController } from './replica-set/controller.ts';
import { schedulerController } from './scheduler/controller.ts';
import { statefulSetController } from './stateful-set/controller.ts';

/** Every program of a cluster that is played here. */
export function simulatedControllers(options: KubeletOptions): readonly SimulatedController[] {
  return [
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    jobController,
    schedulerController,
    createKubelet(options),
  ];
}
