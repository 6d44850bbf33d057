export { configMapManifest, objectOf } from './objects.ts';
export { playPolicyVerdict, rolesFor } from './play-policy.ts';
export { type PolicyVerdict, policyUser } from './policy-verdict.ts';
export { policyVerdicts } from './policy-verdicts.ts';
export { collectionPath, type Exchange, playVerdict, type RefusedField, type Send, type Verdict } from './verdict.ts';
export { verdicts } from './verdicts.ts';
