import type { Scenario } from '../step.ts';
import { applyBuiltin } from './apply-builtin.ts';
import { applyCustom } from './apply-custom.ts';
import { conversion } from './conversion.ts';
import { conversionFailures } from './conversion-failures.ts';
import { crud } from './crud.ts';
import { definitions } from './definitions.ts';
import { discovery } from './discovery.ts';
import { foundKinds } from './found-kinds.ts';
import { foundTypes } from './found-types.ts';
import { foundValues } from './found-values.ts';
import { foundWrites } from './found-writes.ts';
import { patches } from './patches.ts';
import { policiesCorpus } from './policies.ts';
import { reading } from './reading.ts';
import { requests } from './requests.ts';
import { rules } from './rules.ts';
import { sockets } from './sockets.ts';
import { tables } from './tables.ts';
import { watching } from './watching.ts';

/** All scenarios, in the groups that are files. Names of scenarios are unique over all groups. */
export const corpus: Readonly<Record<string, readonly Scenario[]>> = {
  'apply-builtin': applyBuiltin,
  'apply-custom': applyCustom,
  patches,
  'found-writes': foundWrites,
  crud,
  reading,
  tables,
  watching,
  requests,
  discovery,
  definitions,
  rules,
  conversion,
  'conversion-failures': conversionFailures,
  sockets,
  policies: policiesCorpus,
  'found-types': foundTypes,
  'found-values': foundValues,
  'found-kinds': foundKinds,
};
