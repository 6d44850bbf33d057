import type { CelLibrary } from '../library.ts';
import { stringType } from '../types.ts';
import { declare, global, keepingCost, textOf } from './declare.ts';

/** For the expressions of mutating policies only: no other environment has it. KA-102 */
export const jsonPatchLibrary: CelLibrary = {
  name: 'kubernetes.jsonpatch',
  functions: [
    declare(
      'jsonpatch.escapeKey',
      global('string_jsonpatch_escapeKey_string', [stringType], stringType, {
        call: ([key]) => textOf(key).replace(/[~/]/g, (found) => (found === '~' ? '~0' : '~1')),
        cost: keepingCost(),
      }),
    ),
  ],
};
