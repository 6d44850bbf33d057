import { type Controller, createController, kubernetesCelEnvironment, Result } from '@quarterdeck/machinery';
import type { Fleet } from '../../../fleet/fleet.ts';
import { problemsOf } from '../../../fleet/health-rule-gate.ts';
import { commit } from '../../writes.ts';
import { decide } from './decide.ts';

/** HealthRules -> whether agents can read them. DL-22 */
export function healthRuleReadable(fleet: Fleet): Controller {
  const { caches, clock } = fleet;
  const environment = kubernetesCelEnvironment();
  return createController({
    ...fleet,
    name: 'healthrule.readable',
    primary: caches.healthRules,
    reconciler: {
      async reconcile(key, context) {
        const rule = caches.healthRules.get(key);
        if (rule === undefined) return Result.done;
        const writes = decide(rule, problemsOf(rule.spec, environment), clock.now());
        await commit(fleet, writes, context.signal);
        return Result.done;
      },
    },
  });
}
