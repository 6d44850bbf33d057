import { numberAs, propertyOf } from '../../properties.ts';
import { freeAmount } from '../../room.ts';
import type { Priority } from '../../snapshot.ts';
import { propertyAspects } from '../../suitability.ts';
import { reservedByOthers } from '../filter/room.ts';
import { type Score, scaled, valuesOf } from './score.ts';

/** Sorted by a property: linear over the candidates. PL-15 */
export const propertyValue: Score<Priority & { type: 'PropertyValue' }> = (
  { name, valueType, descending },
  { snapshot: { fleet }, candidates },
) => {
  const column = fleet.column(`value ${valueType} ${name}`, propertyAspects([{ name }]), (cluster) => {
    const text = propertyOf(cluster, name);
    return (text === undefined ? undefined : numberAs(valueType, text)) ?? Number.NaN;
  });
  return scaled(valuesOf(candidates, column), descending);
};

/** Most or least free of one resource, with what others have reserved taken off. PL-15, PL-16 */
export const freeCapacity: Score<Priority & { type: 'FreeCapacity' }> = ({ resource, most }, context) => {
  const reserved = reservedByOthers(context);
  const { clusters } = context.snapshot.fleet;
  return scaled(
    Float64Array.from(context.candidates, (position) => {
      const cluster = clusters[position];
      return cluster === undefined ? Number.NaN : freeAmount(cluster, resource, reserved.get(cluster.name) ?? []);
    }),
    most,
  );
};
