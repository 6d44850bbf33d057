import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { invalidField, stringAt, valueAt } from '../../registry/fields.ts';
import { dnsLabelProblems, qualifiedNameProblems } from '../../registry/names.ts';
import { named, oneOf, under } from '../checks.ts';

export const protocols: readonly string[] = ['SCTP', 'TCP', 'UDP'];

/** A port number, where one is given. */
export function portErrors(object: JsonObject, path: string, field: string): FieldError[] {
  const value = valueAt(object, field);
  if (value === undefined) return [];
  const number = typeof value === 'number' ? value : Number.NaN;
  return number >= 1 && number <= 65_535
    ? []
    : [invalidField(under(path, field), value, 'must be between 1 and 65535, inclusive')];
}

/** The name of a container's port. */
export function portNameProblems(name: string): string[] {
  return [
    ...(name.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(/^[-a-z0-9]+$/.test(name) ? [] : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(name) ? [] : ['must contain at least one letter (a-z)']),
    ...(name.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(name.startsWith('-') || name.endsWith('-') ? ['must not begin or end with a hyphen'] : []),
  ];
}

/** A port by number or by the name that a container gives it. */
export function portOrNameErrors(object: JsonObject, path: string, field: string): FieldError[] {
  const value = valueAt(object, field);
  return typeof value === 'string'
    ? named(object, path, field, portNameProblems, true)
    : portErrors(object, path, field);
}

/** What ports of Services, Endpoints and EndpointSlices share. */
export function commonPortErrors(port: JsonObject, path: string): FieldError[] {
  return [
    ...named(port, path, 'name', dnsLabelProblems),
    ...oneOf(port, path, 'protocol', protocols, true),
    ...(stringAt(port, 'appProtocol') === '' ? [] : named(port, path, 'appProtocol', qualifiedNameProblems)),
  ];
}
