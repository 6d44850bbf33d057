import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject, JsonValue } from '@quarterdeck/machinery';
import { milliValue } from '@quarterdeck/machinery';
import { invalidField } from '../../registry/fields.ts';
import { qualifiedNameProblems } from '../../registry/names.ts';
import { isNegative, quantityOrNone } from '../checks.ts';

/** Names of resources that can be asked for, limited and counted, and what amounts they may have. KA-2 */

const compute = ['cpu', 'memory', 'ephemeral-storage'];
const counted = [
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
];
const requested = [...compute.flatMap((name) => [`requests.${name}`, `limits.${name}`]), 'requests.storage'];
const standard: ReadonlySet<string> = new Set([...compute, ...requested, ...counted, 'storage']);
const quotas: ReadonlySet<string> = new Set([...compute, ...requested, ...counted]);

const isHugePage = (name: string): boolean => name.startsWith('hugepages-');
const isQuotaHugePage = (name: string): boolean => isHugePage(name) || name.startsWith('requests.hugepages-');
/** Kubernetes' own, by its prefix or by having none. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');
/** Resources of devices: whole numbers, never overcommitted. */
const isExtended = (name: string): boolean => !isNative(name) && !name.startsWith('requests.');
export const canOvercommit = (name: string): boolean => isNative(name) && !isHugePage(name);
const isWhole = (name: string): boolean => counted.includes(name) || isExtended(name);

export function resourceNameErrors(name: string, path: string): FieldError[] {
  const problems = qualifiedNameProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalidField(path, name, problem));
  if (name.includes('/') || standard.has(name) || isQuotaHugePage(name)) return [];
  return [invalidField(path, name, 'must be a standard resource type or fully qualified')];
}

/** Of what a container asks for. */
export function containerResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (name.includes('/')) {
    const isOwn = errors.length > 0 || isExtended(name) || isNative(name);
    return isOwn ? errors : [invalidField(path, name, "doesn't follow extended resource name standard")];
  }
  return compute.includes(name) || isHugePage(name)
    ? errors
    : [...errors, invalidField(path, name, 'must be a standard resource for containers')];
}

export function quotaResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (name.includes('/') || quotas.has(name) || isQuotaHugePage(name)) return errors;
  return [...errors, invalidField(path, name, 'must be a standard resource for quota')];
}

/** An amount: a quantity, not negative, and whole where halves make no sense. */
export function amountErrors(name: string, value: JsonValue | undefined, path: string): FieldError[] {
  const quantity = quantityOrNone(value);
  if (quantity === undefined) return [invalidField(path, value, 'must be a quantity such as 100m or 1Gi')];
  return [
    ...(isNegative(quantity) ? [invalidField(path, value, 'must be greater than or equal to 0')] : []),
    ...(isWhole(name) && milliValue(quantity) % 1000n !== 0n ? [invalidField(path, value, 'must be an integer')] : []),
  ];
}

/** Every amount of a list of resources, by the rule of their names. */
export function resourceListErrors(
  list: JsonObject,
  path: string,
  nameErrors: (name: string, path: string) => FieldError[],
): FieldError[] {
  return Object.keys(list).flatMap((name) => [
    ...nameErrors(name, `${path}[${name}]`),
    ...amountErrors(name, list[name], `${path}[${name}]`),
  ]);
}
