import type { Placement, Stored } from '@quarterdeck/apis';
import type { Outcome } from '../../../scheduler/schedule.ts';
import type { Notice } from '../../announce.ts';

const shown = 20;
const listOf = (names: readonly string[]): string =>
  names.length <= shown ? names.join(', ') : `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;

/** What to say of a decision: nothing where nothing changed for people. */
export function noticesOf(placement: Stored<Placement>, before: ReadonlySet<string>, outcome: Outcome): Notice[] {
  const names = outcome.choices.map(({ cluster }) => cluster.name);
  const now = new Set(names);
  const gained = names.filter((name) => !before.has(name));
  const lost = [...before].filter((name) => !now.has(name)).sort();
  const notices: Notice[] = [];
  if (gained.length + lost.length > 0) {
    const parts = [
      gained.length === 0 ? '' : `chosen: ${listOf(gained)}`,
      lost.length === 0 ? '' : `no longer chosen: ${listOf(lost)}`,
    ].filter((part) => part !== '');
    const message = `${names.length} clusters; ${parts.join('; ')}`;
    notices.push({ type: 'Normal', reason: 'DecisionChanged', message });
  }
  if (outcome.unknownScores.length > 0) {
    const message = `not known of some candidates, and counted as the worst: ${listOf(outcome.unknownScores)}`;
    notices.push({ type: 'Warning', reason: 'ScoresUnknown', message });
  }
  const satisfied = placement.status?.conditions?.find(({ type }) => type === 'Satisfied');
  const isNews = satisfied?.status !== (outcome.satisfied ? 'True' : 'False') || satisfied.reason !== outcome.reason;
  if (isNews && !outcome.satisfied) notices.push({ type: 'Warning', reason: outcome.reason, message: outcome.message });
  return notices;
}
