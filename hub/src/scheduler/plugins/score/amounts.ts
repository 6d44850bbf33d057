import { aspect } from '../../aspects.ts';
import type { Priority } from '../../placement-request.ts';
import { numberAs, propertyOf } from '../../properties.ts';
import { freeAmount } from '../../room.ts';
import { propertyAspects } from '../../suitability.ts';
import { reservedByOthers } from '../filter/room.ts';
import type { Amount, ScoreContext } from './score.ts';

/** The amount that a priority is linear in; undefined: it scores otherwise. PL-15 */
export function amountOf(priority: Priority, context: ScoreContext): Amount | undefined {
  switch (priority.type) {
    case 'PropertyValue':
      return propertyValue(priority, context);
    case 'FreeCapacity':
      return freeCapacity(priority, context);
    // The fewer decisions of other placements, in all namespaces, the better.
    case 'Balance':
      return { column: context.load, descending: false };
    default:
      return undefined;
  }
}

function propertyValue(
  { name, valueType, descending }: Priority & { type: 'PropertyValue' },
  { snapshot: { fleet } }: ScoreContext,
): Amount {
  const column = fleet.column(`value ${valueType} ${name}`, propertyAspects([{ name }]), (cluster) => {
    const text = propertyOf(cluster, name);
    return (text === undefined ? undefined : numberAs(valueType, text)) ?? Number.NaN;
  });
  return { column, descending };
}

/** Most or least free of one resource, with what others have reserved taken off. PL-15, PL-16 */
function freeCapacity({ resource, most }: Priority & { type: 'FreeCapacity' }, context: ScoreContext): Amount {
  const { fleet } = context.snapshot;
  const shared = fleet.column(`free ${resource}`, [aspect.capacity], (cluster) => freeAmount(cluster, resource, []));
  const reserved = reservedByOthers(context);
  if (reserved.size === 0) return { column: shared, descending: most };
  const column = shared.slice();
  for (const [name, reservations] of reserved) {
    const position = fleet.positionOf(name);
    const cluster = position === undefined ? undefined : fleet.clusters[position];
    if (position !== undefined && cluster !== undefined) column[position] = freeAmount(cluster, resource, reservations);
  }
  return { column, descending: most };
}
