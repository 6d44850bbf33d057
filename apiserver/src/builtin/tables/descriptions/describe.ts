import type { KindRow } from '../table.ts';
import { admissionTexts } from './admission.ts';
import { authTexts } from './auth.ts';
import { coreTexts } from './core.ts';
import { extensionTexts } from './extensions.ts';
import { kindTexts } from './kinds.ts';
import type { MessageTexts } from './text.ts';
import { workloadTexts } from './workloads.ts';

/** All descriptions; kubectl explain shows them. KA-24 */
export const messageTexts: MessageTexts = {
  ...coreTexts,
  ...workloadTexts,
  ...authTexts,
  ...admissionTexts,
  ...extensionTexts,
};

/** What a kind is for; undefined when it is not described. */
export function describeKind({ group, version, kind }: KindRow): string | undefined {
  return kindTexts[`${group}/${version} ${kind}`];
}

/** What a message is, for fields without a description of their own; undefined when it is not described. */
export function describeMessage(message: string): string | undefined {
  return messageTexts[message]?.[''];
}

/** What a field is; undefined for fields that are not described. */
export function describeField(message: string, field: string): string | undefined {
  const texts = messageTexts[message];
  return texts !== undefined && Object.hasOwn(texts, field) ? texts[field] : undefined;
}
