import type { Expectations } from './names.ts';
import type { Outcomes, SpecOutcome } from './report.ts';

/**
 * Where the outcome differs from the lists: a test that must pass and did not, or an exception that passes.
 * @param asked the names that were run
 * @returns a line each, for people
 */
export function differences(outcomes: Outcomes, expected: Expectations, asked: readonly string[]): string[] {
  return asked.flatMap((name) => {
    const outcome = outcomes.get(name);
    const isPassed = outcome?.state === 'passed';
    const reason = expected.exceptions.get(name);
    if (reason === undefined) return isPassed ? [] : [`${told(outcome)}: ${name}`];
    return isPassed ? [`passes, so that it no longer ${reason}: move it to passing.txt: ${name}`] : [];
  });
}

/** `failed after 12 s (what it said)`. What did not end was renamed upstream, was cut off, or took its process with it. */
export function told(outcome: SpecOutcome | undefined): string {
  if (outcome === undefined) return 'did not end';
  const said = outcome.message === '' ? '' : ` (${outcome.message.slice(0, 600)})`;
  return `${outcome.state} after ${outcome.seconds.toFixed(0)} s${said}`;
}
