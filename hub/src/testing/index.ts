export { before, clusterSet, member, placement, profile, requestOf, snapshotOf, stored, view, workSet } from './builders.ts';
