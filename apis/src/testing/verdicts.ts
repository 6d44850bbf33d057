import type { Verdict } from './verdict.ts';
import { deliveryVerdicts } from './verdicts/delivery.ts';
import { fleetVerdicts } from './verdicts/fleet.ts';
import { inventoryVerdicts } from './verdicts/inventory.ts';
import { memberVerdicts } from './verdicts/member.ts';
import { placementVerdicts } from './verdicts/placements.ts';

/** One table for all kinds. */
export const verdicts: readonly Verdict[] = [
  ...fleetVerdicts,
  ...placementVerdicts,
  ...deliveryVerdicts,
  ...inventoryVerdicts,
  ...memberVerdicts,
];
