import { type FieldError, invalid } from '@quarterdeck/apis';
import { forbiddenField, requiredField, unsupportedField } from '../registry/fields.ts';
import { managerErrors } from '../registry/metadata.ts';
import type { ApiRequest } from './http-message.ts';
import { parseOptionalFlag } from './query.ts';
import type { FieldValidation } from './schema-pass.ts';

/** The options every write shares. KA-60, KA-61, KA-72 */
export interface WriteOptions {
  readonly dryRun: boolean;
  /** Never empty: from the parameter, else from the User-Agent. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Apply only. */
  readonly force: boolean;
}

/** The options that all writes can say, for who is shown them. */
export function shownOptions({ dryRun, fieldManager, fieldValidation }: WriteOptions) {
  return { dryRun, fieldManager, fieldValidation };
}

type WriteKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'ApplyOptions';

const metaGroup = 'meta.k8s.io';

/** @throws ApiError Invalid, BadRequest */
export function parseWriteOptions(request: ApiRequest, kind: WriteKind): WriteOptions {
  const { query } = request;
  const force = parseOptionalFlag(query, 'force');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const manager = query.get('fieldManager') ?? '';
  const errors: FieldError[] = [
    ...dryRunErrors(query.getAll('dryRun')),
    ...managerErrors(manager, 'fieldManager'),
    ...(['', 'Ignore', 'Warn', 'Strict'].includes(fieldValidation)
      ? []
      : [unsupportedField('fieldValidation', fieldValidation, ['', 'Ignore', 'Strict', 'Warn'])]),
    ...(force !== undefined && kind !== 'ApplyOptions'
      ? [forbiddenField('force', 'may not be specified for non-apply patch')]
      : []),
    ...(manager === '' && kind === 'ApplyOptions'
      ? [requiredField('fieldManager', 'is required for apply patch')]
      : []),
  ];
  refuseOptions(kind === 'ApplyOptions' ? 'PatchOptions' : kind, errors);
  return {
    dryRun: query.getAll('dryRun').some((value) => value === 'All'),
    fieldManager: manager === '' ? managerOfAgent(request.headers['user-agent']) : manager,
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as FieldValidation),
    force: force ?? false,
  };
}

/** @throws ApiError Invalid when there are errors */
export function refuseOptions(kind: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid({ group: metaGroup, kind }, '', errors);
}

/** An empty value too: who sends `dryRun=` does not mean the write. KA-60 */
export function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [unsupportedField('dryRun', [...values], ['All'])];
}

/** The User-Agent up to its first slash, at most 128 printable characters. KA-72 */
function managerOfAgent(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/')[0] ?? '';
  const printable = [...name]
    .filter((char) => /\P{C}/u.test(char))
    .slice(0, 128)
    .join('');
  return printable === '' ? 'unknown' : printable;
}
