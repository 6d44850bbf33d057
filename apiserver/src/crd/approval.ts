import type { FieldError } from '@quarterdeck/apis';
import { goQuote, invalidValue, type JsonObject, requiredValue } from '@quarterdeck/machinery';
import { objectAt } from '../registry/fields.ts';
import type { CrdCondition } from './crd-conditions.ts';
import { crdCondition, groupOf, isProtectedGroup } from './crd-object.ts';

const annotation = 'api-approved.kubernetes.io';
const proposal = 'see https://github.com/kubernetes/enhancements/pull/1111';

type Approval = {
  readonly state: 'Approved' | 'Bypassed' | 'Missing' | 'Invalid';
  readonly why: string;
  readonly text: string;
};

/** What the approval annotation says, whatever the group. KA-94 */
function approvalOf(crd: JsonObject): Approval {
  const value = objectAt(crd, 'metadata', 'annotations')[annotation];
  const text = typeof value === 'string' ? value : '';
  if (text === '') {
    const why = `protected groups must have approval annotation "${annotation}", ${proposal}`;
    return { state: 'Missing', why, text };
  }
  if (text.startsWith('unapproved')) return { state: 'Bypassed', why: `not approved: ${goQuote(text)}`, text };
  if (isUrl(text)) return { state: 'Approved', why: `approved in ${text}`, text };
  const why = `protected groups must have approval annotation "${annotation}" with either a URL or a reason starting with "unapproved", ${proposal}`;
  return { state: 'Invalid', why, text };
}

function isUrl(text: string): boolean {
  return URL.canParse(text) && new URL(text).host !== '';
}

/** Groups of the Kubernetes community need an approval; one that was missing or wrong before may stay so. KA-94 */
export function approvalErrors(crd: JsonObject, old?: JsonObject): FieldError[] {
  if (!isProtectedGroup(groupOf(crd))) return [];
  const { state, why, text } = approvalOf(crd);
  if (old !== undefined && approvalOf(old).state === state) return [];
  const field = `metadata.annotations[${annotation}]`;
  switch (state) {
    case 'Missing':
      return [requiredValue(field, why)];
    case 'Invalid':
      return [invalidValue(field, text, why)];
    case 'Approved':
    case 'Bypassed':
      return [];
    default:
      return state satisfies never;
  }
}

/** The condition that tells of the approval; undefined for groups that need none. KA-95 */
export function approvalCondition(crd: JsonObject): CrdCondition | undefined {
  if (!isProtectedGroup(groupOf(crd))) return undefined;
  const { state, why } = approvalOf(crd);
  const reasons = {
    Approved: 'ApprovedAnnotation',
    Bypassed: 'UnapprovedAnnotation',
    Missing: 'MissingAnnotation',
    Invalid: 'InvalidAnnotation',
  } as const;
  const status = state === 'Approved' ? 'True' : 'False';
  return { type: crdCondition.approvalConformant, status, reason: reasons[state], message: why };
}
