import {
  boolType,
  dynType,
  formatQuantity,
  fromJson,
  type JsonObject,
  kubernetesCelEnvironment,
} from '@quarterdeck/machinery';
import type { Amounts, ClusterView } from './cluster-view.ts';
import type { CompileExpression } from './compile.ts';

/** The most that one evaluation on one cluster may cost, in CEL's units: about a quarter of a millisecond. PL-5, BI-25 */
const expressionCostLimit = 10_000;

type CelValue = ReturnType<typeof fromJson>;

/**
 * Compiles CEL over `cluster` in Kubernetes' dialect. What a cluster looks like to expressions is made once for all of them,
 * and forgotten with the cluster's view. PL-5
 */
export function createExpressionCompiler(): CompileExpression {
  const environment = kubernetesCelEnvironment();
  const seen = new WeakMap<ClusterView, CelValue>();
  const asCel = (cluster: ClusterView): CelValue => {
    const known = seen.get(cluster);
    if (known !== undefined) return known;
    const made = fromJson(clusterJson(cluster));
    seen.set(cluster, made);
    return made;
  };
  return (text, yields) => {
    const compiled = environment.compile(text, {
      variables: { cluster: dynType },
      ...(yields === 'bool' ? { resultType: boolType } : {}),
    });
    if (!compiled.ok) return { problem: compiled.problem };
    return {
      text,
      evaluate(cluster) {
        try {
          const { value } = compiled.program.evaluate({ cluster: asCel(cluster) }, { costLimit: expressionCostLimit });
          if (typeof value === 'boolean' || typeof value === 'number') return { value };
          return typeof value === 'bigint'
            ? { value: Number(value) }
            : { error: 'it yields neither a bool nor a number' };
        } catch (error) {
          return { error: error instanceof Error ? error.message : String(error) };
        }
      },
    };
  };
}

/** What expressions see. Amounts are quantities as text, for `quantity(...)`. */
function clusterJson(cluster: ClusterView): JsonObject {
  const { capacity } = cluster;
  return {
    name: cluster.name,
    clusterSet: cluster.clusterSet,
    labels: { ...cluster.labels },
    properties: { ...cluster.properties },
    ...(cluster.version === undefined ? {} : { version: cluster.version }),
    capacity: {
      total: amounts(capacity?.total),
      allocatable: amounts(capacity?.allocatable),
      free: amounts(capacity?.free),
    },
    conditions: { ...cluster.conditions },
    taints: cluster.taints.map(({ key, value, effect }) => ({ key, value, effect })),
    scores: Object.fromEntries(
      Object.entries(cluster.scores).map(([name, { values }]) => [name, Object.fromEntries(values)]),
    ),
  };
}

const amounts = (values: Amounts | undefined): JsonObject =>
  Object.fromEntries([...(values ?? [])].map(([resource, amount]) => [resource, formatQuantity(amount)]));
