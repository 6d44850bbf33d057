import type { StorageKey } from '../storage/storage.ts';
import type { Authorizer, Decision } from './authorizer.ts';

/**
 * Rights that long-running requests live by: each is judged again when a role or binding that it rests on changes, and
 * no other is looked at, so that one change among ten thousand watches costs what it touches. RG-22, SEC-15, KA-127
 */
export interface StandingRights {
  /** See {@link Authorizer.hold}. */
  hold: NonNullable<Authorizer['hold']>;
  /** A role or binding was written or removed; the index says so already. */
  changed(key: StorageKey): void;
  /** Anything may have changed: the index was made anew. */
  reloaded(): void;
}

/** A decision, and the role and binding that allow it; none of a refusal, and of rights that cannot be lost. */
export interface SupportedDecision extends Decision {
  readonly support: readonly StorageKey[];
}

interface Hold {
  /** Ids of what it rests on. */
  support: readonly string[];
  readonly check: Parameters<StandingRights['hold']>[0];
  readonly onLost: () => void;
}

/** @param decide by the index as of now */
export function createStandingRights(
  authorizer: Authorizer,
  decide: (...parameters: Parameters<Authorizer['authorize']>) => SupportedDecision,
): StandingRights {
  const holds = new Set<Hold>();
  const bySupport = new Map<string, Set<Hold>>();

  function leave(hold: Hold): void {
    for (const id of hold.support) {
      const resting = bySupport.get(id);
      resting?.delete(hold);
      if (resting?.size === 0) bySupport.delete(id);
    }
    hold.support = [];
  }

  function judge(hold: Hold): void {
    leave(hold);
    const support = new Set<string>();
    const recording: Authorizer = {
      ...authorizer,
      authorize(attributes) {
        const decision = decide(attributes);
        for (const key of decision.support) support.add(keyId(key));
        return decision;
      },
    };
    if (!isAllowed(hold, recording)) {
      holds.delete(hold);
      hold.onLost();
      return;
    }
    hold.support = [...support];
    for (const id of hold.support) {
      const resting = bySupport.get(id) ?? new Set();
      bySupport.set(id, resting.add(hold));
    }
  }

  return {
    hold(check, onLost) {
      const hold: Hold = { support: [], check, onLost };
      holds.add(hold);
      judge(hold);
      return {
        [Symbol.dispose]() {
          holds.delete(hold);
          leave(hold);
        },
      };
    },
    changed(key) {
      for (const hold of [...(bySupport.get(keyId(key)) ?? [])]) judge(hold);
    },
    reloaded() {
      for (const hold of [...holds]) judge(hold);
    },
  };
}

/** What cannot be judged is not allowed. */
function isAllowed(hold: Hold, authorizer: Authorizer): boolean {
  try {
    return hold.check(authorizer);
  } catch {
    return false;
  }
}

/** No part holds a slash: RBAC names neither. KA-46 */
const keyId = ({ resource, namespace, name }: StorageKey): string => `${resource}/${namespace}/${name}`;
