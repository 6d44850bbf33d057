/** Watchers of everything, or of one namespace each. */
export type Scope = 'broad' | 'per namespace';

/** One measurement: so many watchers, and changes at such a rate. */
export interface FanOutPlan {
  readonly watchers: number;
  readonly scope: Scope;
  /** Changes. */
  readonly perSecond: number;
  /** What they come to at all watchers, without the margin. */
  readonly eventsPerSecond: number;
}

/** The rate that lag is judged at, and the most that goes out. Events per second. */
export const [lagRate, mostRate] = [10_000, 50_000] as const;
/** A hundredth more than the goal is sent, so that a few milliseconds at the end do not decide whether it is met. */
const margin = 1.01;
/** Of changes, a second: what a server of the slower kind can still write beside. */
const mostWrites = 400;

/** What is measured with so many watchers; a rate that writes cannot reach is measured once. */
export function fanOutPlans(watchers: number, namespaces: number): FanOutPlan[] {
  const scopes: Scope[] = watchers < namespaces ? ['broad'] : ['broad', 'per namespace'];
  return scopes.flatMap((scope) => {
    const reached = scope === 'broad' ? watchers : watchers / namespaces;
    const rates = [lagRate, mostRate].map((rate) => Math.min(mostWrites, rate / reached));
    return [...new Set(rates)].map((rate) => ({
      watchers,
      scope,
      perSecond: rate * margin,
      eventsPerSecond: Math.round(rate * reached),
    }));
  });
}
