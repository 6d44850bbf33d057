/** One thing that must be well. The API server's own checks have the same shape. KA-19 */
export interface HealthCheck {
  /** Lower case, dashes: `informer-works`. */
  readonly name: string;
  /** Asked by `/livez` too: false for what a restart would not mend. */
  readonly live: boolean;
  /** Cheap and synchronous: it looks at what is known, it does not go and find out. */
  readonly isHealthy: () => boolean;
}

export interface HealthRegistry {
  /** Registers a check; returns how to remove it. @throws RangeError when the name is taken */
  add(check: HealthCheck): () => void;
  /** In order of registration; a live view, so that it can be handed out once. */
  readonly checks: Iterable<HealthCheck>;
  /** Names of the checks that fail now; `live` true: only of those that `/livez` asks. A check that throws fails. */
  failing(options?: { live?: boolean }): string[];
}

export function createHealthRegistry(): HealthRegistry {
  const checks = new Map<string, HealthCheck>();
  return {
    add(check) {
      if (checks.has(check.name)) throw new RangeError(`there is a health check "${check.name}" already`);
      checks.set(check.name, check);
      return () => {
        if (checks.get(check.name) === check) checks.delete(check.name);
      };
    },
    checks: { [Symbol.iterator]: () => checks.values() },
    failing: ({ live = false } = {}) =>
      [...checks.values()].filter((check) => (check.live || !live) && !isWell(check)).map(({ name }) => name),
  };
}

function isWell(check: HealthCheck): boolean {
  try {
    return check.isHealthy();
  } catch {
    return false;
  }
}
