import { invalid, Placement, type Stored, schedulerName } from '@quarterdeck/apis';
import type { AdmissionPlugin } from '@quarterdeck/apiserver';
import type { JsonObject } from '@quarterdeck/machinery';
import { compilePlacement } from '../scheduler/compile.ts';
import { completedTolerations } from '../scheduler/default-tolerations.ts';
import { createExpressionCompiler } from '../scheduler/expressions.ts';

/**
 * Writes the default tolerations into placements (PL-8); on a Kubernetes hub the controller of the placements does. Refuses
 * those that the scheduler could not evaluate, with the path: a value that cannot be read as its type, CEL that does not compile. A Kubernetes hub has no such place; there the same problem is a condition. PL-21
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
    mutate({ object }) {
      const placement = object as unknown as Placement;
      if (!canHaveDefaults(object) || !isOurs(placement)) return object;
      return (completedTolerations(placement) ?? placement) as unknown as JsonObject;
    },
    validate({ name, object }) {
      const placement = object as unknown as Stored<Placement>;
      if (!isOurs(placement)) return;
      if (placement.metadata.deletionTimestamp !== undefined) return;
      const compiled = compilePlacement(placement, compileExpression);
      if (!('problem' in compiled)) return;
      const at = compiled.problem.indexOf(': ');
      const [field, message] = [compiled.problem.slice(0, at), compiled.problem.slice(at + 2)];
      throw invalid(Placement, name, [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${message}` }]);
    },
  };
}

/** What another scheduler can make of its placements is not ours to say. PL-25 */
const isOurs = ({ spec }: Placement): boolean => (spec.schedulerName ?? schedulerName) === schedulerName;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/** Defaults come before the schema has been asked: what it will refuse is left to it. */
function canHaveDefaults({ spec }: JsonObject): boolean {
  if (!isObject(spec)) return false;
  const { tolerations = [] } = spec;
  return Array.isArray(tolerations) && tolerations.every(isObject);
}
