import { z } from 'zod';
import { dateTime, labelKey, labelValue, listMap } from '../../kinds/fields.ts';

const taint = z
  .object({
    key: labelKey().describe('Key of the taint, a label key.'),
    value: labelValue().describe('Value of the taint. Absent: empty.').exactOptional(),
    effect: z
      .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
      .describe(
        'What it does to placements that do not tolerate it. NoSchedule: not newly chosen. PreferNoSchedule: chosen last. NoExecute: replaced where it was chosen.',
      ),
    timeAdded: dateTime()
      .describe('When the taint was added; stamped by the hub, whoever adds the taint.')
      .exactOptional(),
  })
  .describe('Keeps placements away that do not tolerate it.');

/** Taints of a cluster, at most one for each key and effect. PL-8 */
export const taints = () => listMap(taint, 'key', 'effect').max(64);
