import type { PlacementExplanation } from '@quarterdeck/hub';
import { goldLabel } from './objects.ts';

type Explained = Pick<PlacementExplanation['clusters'][number], 'reason' | 'message'>;

/**
 * Why the demo's placement has a cluster, or has it not. An explanation says what would be decided now, and whoever was chosen a
 * moment ago would be kept: the decision itself says that it was chosen, and by what.
 * @param recorded the word of the decision; undefined: it does not name the cluster
 */
export function whyOf({ reason, message }: Explained, recorded: string | undefined): string {
  if (reason !== 'Kept' || recorded !== 'Chosen') return message;
  const labels = Object.entries(goldLabel).map(([name, value]) => `${name}=${value}`);
  return `it fits and was chosen: its labels have ${labels.join(', ')}, as the placement asks`;
}
