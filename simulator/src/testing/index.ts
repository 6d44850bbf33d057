export { deploymentObject } from './objects.ts';
