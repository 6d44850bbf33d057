export { type DeploymentSettings, deploymentObject } from './objects.ts';
export { type PodSettings, podObject } from './pods.ts';
