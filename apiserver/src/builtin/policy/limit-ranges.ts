import type { FieldError } from '@quarterdeck/apis';
import {
  approximateValue,
  compareQuantities,
  type JsonObject,
  type Quantity,
  quantityOf,
} from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { qualifiedNameProblems } from '../../registry/names.ts';
import { duplicateField, each, quantityOrNone } from '../checks.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withEach, withSpec } from '../defaults.ts';
import { amountErrors, canOvercommit, containerResourceErrors, resourceNameErrors } from './resource-names.ts';

const standardTypes = ['Container', 'PersistentVolumeClaim', 'Pod'];
const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;
type ListName = (typeof lists)[number];

function validate(range: JsonObject): FieldError[] {
  const types = objectsAt(range, 'spec', 'limits').map((item) => stringAt(item, 'type'));
  return each(objectAt(range, 'spec'), 'spec', 'limits', (item, path, index) => [
    ...typeErrors(types[index] ?? '', `${path}.type`),
    ...(types.indexOf(types[index] ?? '') === index ? [] : [duplicateField(`${path}.type`, types[index] ?? '')]),
    ...itemErrors(item, path),
  ]);
}

function typeErrors(type: string, path: string): FieldError[] {
  const problems = qualifiedNameProblems(type);
  if (problems.length > 0) return problems.map((problem) => invalidField(path, type, problem));
  if (type.includes('/') || standardTypes.includes(type)) return [];
  return [invalidField(path, type, 'must be a standard limit type or fully qualified')];
}

function itemErrors(item: JsonObject, path: string): FieldError[] {
  const type = stringAt(item, 'type');
  const nameErrors = type === 'Pod' || type === 'Container' ? containerResourceErrors : resourceNameErrors;
  const has = (list: ListName, name: string) => valueAt(item, list, name) !== undefined;
  const forbidden = type === 'Pod' ? (['default', 'defaultRequest'] as const) : [];
  const checked = lists.filter((list) => !forbidden.some((name) => name === list));
  const names = [...new Set(checked.flatMap((list) => Object.keys(objectAt(item, list))))];
  return [
    ...forbidden
      .filter((list) => Object.keys(objectAt(item, list)).length > 0)
      .map((list) => forbiddenField(`${path}.${list}`, "may not be specified when `type` is 'Pod'")),
    ...checked.flatMap((list) =>
      Object.keys(objectAt(item, list)).flatMap((name) => nameErrors(name, `${path}.${list}[${name}]`)),
    ),
    ...(type === 'PersistentVolumeClaim' && !has('min', 'storage') && !has('max', 'storage')
      ? [
          requiredField(
            `${path}.limits`,
            'either minimum or maximum storage value is required, but neither was provided',
          ),
        ]
      : []),
    ...names.flatMap((name) => boundErrors(item, path, name, checked)),
  ];
}

/** What must not exceed what: the field that is wrong, the smaller and the larger one. */
const orders = [
  { at: 'min', small: 'min', large: 'max', words: ['min value', 'max value'] },
  { at: 'defaultRequest', small: 'min', large: 'defaultRequest', words: ['min value', 'default request value'] },
  { at: 'defaultRequest', small: 'defaultRequest', large: 'max', words: ['default request value', 'max value'] },
  {
    at: 'defaultRequest',
    small: 'defaultRequest',
    large: 'default',
    words: ['default request value', 'default limit value'],
  },
  { at: 'default', small: 'min', large: 'default', words: ['min value', 'default value'] },
  { at: 'default', small: 'default', large: 'max', words: ['default value', 'max value'] },
] as const;

function boundErrors(item: JsonObject, path: string, name: string, checked: readonly ListName[]): FieldError[] {
  const text = (list: ListName) => valueAt(item, list, name);
  const broken = checked
    .filter((list) => text(list) !== undefined)
    .flatMap((list) => amountErrors('', text(list), `${path}.${list}[${name}]`));
  if (broken.length > 0) return broken;
  const amount = (list: ListName): Quantity | undefined =>
    checked.includes(list) ? quantityOrNone(text(list)) : undefined;
  return [
    ...orders.flatMap(({ at, small, large, words }) => {
      const [less, more] = [amount(small), amount(large)];
      if (less === undefined || more === undefined || compareQuantities(less, more) <= 0) return [];
      const why = `${words[0]} ${String(text(small))} is greater than ${words[1]} ${String(text(large))}`;
      return [invalidField(`${path}.${at}[${name}]`, text(at), why)];
    }),
    ...ratioErrors(amount, text('maxLimitRequestRatio'), `${path}.maxLimitRequestRatio[${name}]`),
    ...equalErrors(amount, name, path, text),
  ];
}

type Amount = (list: ListName) => Quantity | undefined;

function ratioErrors(amount: Amount, text: ReturnType<typeof valueAt>, path: string): FieldError[] {
  const ratio = amount('maxLimitRequestRatio');
  if (ratio === undefined) return [];
  const [min, max] = [amount('min'), amount('max')];
  const most = min === undefined || max === undefined ? undefined : approximateValue(max) / approximateValue(min);
  return [
    ...(compareQuantities(ratio, quantityOf(1)) < 0
      ? [invalidField(path, text, `ratio ${String(text)} is less than 1`)]
      : []),
    ...(most !== undefined && approximateValue(ratio) > most
      ? [invalidField(path, text, `ratio ${String(text)} is greater than max/min = ${most.toFixed(6)}`)]
      : []),
  ];
}

function equalErrors(
  amount: Amount,
  name: string,
  path: string,
  text: (list: ListName) => ReturnType<typeof valueAt>,
): FieldError[] {
  const [limit, request] = [amount('default'), amount('defaultRequest')];
  if (canOvercommit(name) || limit === undefined || request === undefined) return [];
  if (compareQuantities(limit, request) === 0) return [];
  const why = `default value ${String(text('default'))} must equal to defaultRequest value ${String(text('defaultRequest'))} in ${name}`;
  return [invalidField(`${path}.defaultRequest[${name}]`, text('defaultRequest'), why)];
}

/** Of containers: an absent default is the maximum, an absent default request the default, or else the minimum. */
function completeItem(item: JsonObject): JsonObject {
  if (item.type !== 'Container') return item;
  const limits = { ...objectAt(item, 'max'), ...objectAt(item, 'default') };
  const requests = { ...objectAt(item, 'min'), ...limits, ...objectAt(item, 'defaultRequest') };
  return {
    ...item,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  };
}

/** Stored and checked; an admission rule applies them. KA-2 */
export const limitRanges = dataKind({
  group: '',
  kind: 'LimitRange',
  plural: 'limitranges',
  scope: 'Namespaced',
  shortNames: ['limits'],
  allColumns: [nameColumn, createdAtColumn],
  strategy: {
    allowCreateOnUpdate: true,
    complete: (range) => withSpec(range, (spec) => withEach(spec, 'limits', completeItem)),
    validate,
  },
});
