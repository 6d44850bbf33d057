export { clusterSet, member, placement, profile, stored, view, workSet } from './builders.ts';
