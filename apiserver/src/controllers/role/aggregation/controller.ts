import { ClusterRole, type LabelSelector, type Stored } from '@quarterdeck/apis';
import {
  type Client,
  type Controller,
  createController,
  type Informer,
  labelSelectorToRequirements,
  matchesLabels,
  Result,
  watching,
} from '@quarterdeck/machinery';
import { type ControllerContext, fieldManager } from '../../context.ts';
import { decide } from './decide.ts';

export interface RoleAggregationOptions extends ControllerContext {
  /** Acts as `clusterrole-aggregation-controller`. */
  readonly aggregationClient: Client;
  /** With the {@link gathererIndex}. */
  readonly clusterRoles: Informer<ClusterRole>;
}

/** Labelled ClusterRoles -> the rules of those that gather them: admin, edit, view. KA-128 */
export function roleAggregation(options: RoleAggregationOptions): Controller {
  const { aggregationClient, clusterRoles } = options;
  const gatherersOf = (role: Stored<ClusterRole>, old: Stored<ClusterRole> | undefined) =>
    clusterRoles
      .byIndex(gatherers, '')
      .filter((gatherer) => {
        const selectors = selectorsOf(gatherer);
        return isMatched(role, selectors) || (old !== undefined && isMatched(old, selectors));
      })
      .map(({ metadata }) => metadata.name);
  return createController({
    ...options,
    name: 'clusterrole.aggregation',
    primary: clusterRoles,
    // What a role is, or was, a part of; most, such as those of members, are a part of none.
    watches: [watching(clusterRoles, gatherersOf)],
    reconciler: {
      async reconcile(key, { signal }) {
        const role = clusterRoles.get(key);
        if (role === undefined || role.metadata.deletionTimestamp !== undefined) return Result.done;
        const selectors = selectorsOf(role);
        if (selectors.length === 0) return Result.done;
        const parts = clusterRoles.list().filter((one) => one.metadata.name !== key && isMatched(one, selectors));
        const next = decide({ role, parts });
        if (next !== undefined) await aggregationClient.update(ClusterRole, next, { fieldManager, signal });
        return Result.done;
      },
    },
  });
}

const gatherers = 'gatherers';

/** Finds the few roles that gather others, all under one value. */
export const gathererIndex = { [gatherers]: (role: ClusterRole) => (selectorsOf(role).length === 0 ? [] : ['']) };

const selectorsOf = (role: ClusterRole): readonly LabelSelector[] => role.aggregationRule?.clusterRoleSelectors ?? [];

function isMatched({ metadata }: Stored<ClusterRole>, selectors: readonly LabelSelector[]): boolean {
  const labels = metadata.labels ?? {};
  return selectors.some((selector) => matchesLabels(labelSelectorToRequirements(selector), labels));
}
