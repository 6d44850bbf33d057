import type { Allowed } from './rules.ts';

const quotes = 'quotes a text in a message; no object is read or written';

/** Where a rule may be broken, and why. A permission that is not needed any more fails the check. */
export const allowed: Allowed = {
  'no-bare-json': {
    'machinery/src/wire/json.ts': 'this is the value model: native JSON where it gives the same',
    'machinery/src/config/config.ts': 'prints the values of options',
    'machinery/src/select/label-selector-text.ts': quotes,
    'machinery/src/select/label-selector-object.ts': quotes,
    'machinery/src/select/requirement.ts': quotes,
    'machinery/src/client/http-paths.ts': quotes,
    'machinery/src/patch/strategic-directives.ts': quotes,
    'agent/src/link/state-store.ts': "the agent's own state file: texts alone, no Kubernetes object",
  },
  'compare-secrets-in-constant-time': {},
};
