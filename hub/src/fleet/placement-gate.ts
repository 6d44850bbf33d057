import { invalid, Placement, type Stored, schedulerName } from '@quarterdeck/apis';
import type { AdmissionPlugin } from '@quarterdeck/apiserver';
import { compilePlacement } from '../scheduler/compile.ts';
import { createExpressionCompiler } from '../scheduler/expressions.ts';

/**
 * Refuses placements that the scheduler could not evaluate, with the path: a value that cannot be read as its type, CEL that
 * does not compile. A Kubernetes hub has no such place; there the same problem is a condition. PL-21
 */
export function placementGate(): AdmissionPlugin {
  const compileExpression = createExpressionCompiler();
  return {
    name: 'quarterdeck-placements',
    handles: ({ group, resource, subresource, operation }) =>
      group === Placement.group &&
      resource === Placement.plural &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE'),
    validate({ name, object }) {
      const placement = object as unknown as Stored<Placement>;
      // What another scheduler can make of its placements is not ours to say. PL-25
      if ((placement.spec.schedulerName ?? schedulerName) !== schedulerName) return;
      if (placement.metadata.deletionTimestamp !== undefined) return;
      const compiled = compilePlacement(placement, compileExpression);
      if (!('problem' in compiled)) return;
      const at = compiled.problem.indexOf(': ');
      const [field, message] = [compiled.problem.slice(0, at), compiled.problem.slice(at + 2)];
      throw invalid(Placement, name, [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${message}` }]);
    },
  };
}
