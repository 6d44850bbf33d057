export { podAnnotations } from './controllers/kubelet/decide.ts';
export { type SimulatedFleet, startSimulatedFleet } from './fleet.ts';
export type { SimulatedMember } from './member.ts';
export { defaultShape, type MemberShape, type SimulatedDelays, type SimulatedFleetOptions } from './options.ts';
export { simulatedLabel, simulatedVersion } from './simulated.ts';
