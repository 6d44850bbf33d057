import {
  type ApplyStrategy,
  type DeletionPolicy,
  type DriftCompare,
  type DriftPolicy,
  type DryRun,
  type FieldConflicts,
  isPolicyValue,
  maxFeedbackFields,
  type PolicyAnnotation,
  policyAnnotation,
  policySyntax,
  type TakeOver,
  type WaveGate,
  type Work,
} from '@quarterdeck/apis';
import { parseJsonPath } from '@quarterdeck/machinery';
import type { FeedbackField } from './feedback.ts';
import { type IgnoredField, parseIgnoredFields } from './field-paths.ts';

/** How one manifest is to be handled; every field has its default. DL-1 to DL-4, DL-20 to DL-23 */
export interface ManifestPolicy {
  readonly strategy: ApplyStrategy;
  readonly deletionPolicy: DeletionPolicy;
  readonly takeOver: TakeOver;
  readonly fieldConflicts: FieldConflicts;
  readonly wave: number;
  readonly waveGate: WaveGate;
  readonly ignoredFields: readonly IgnoredField[];
  readonly driftPolicy: DriftPolicy;
  readonly driftCompare: DriftCompare;
  /** Undefined: an object may progress for ever. */
  readonly healthDeadlineSeconds: number | undefined;
  readonly feedback: readonly FeedbackField[];
  /** Name of the Secret beside the Work, on the hub, whose data this one gets. DL-31 */
  readonly secretDataFrom: string | undefined;
}

/** The annotations themselves, of a manifest over those of its Work. */
export type PolicyTexts = Readonly<Partial<Record<PolicyAnnotation, string>>>;

/** The policy annotations among others. */
export function policyTexts(annotations: unknown): PolicyTexts {
  if (typeof annotations !== 'object' || annotations === null) return {};
  return Object.fromEntries(
    Object.values(policyAnnotation).flatMap((name) =>
      Object.hasOwn(annotations, name) ? [[name, String((annotations as Record<string, unknown>)[name])]] : [],
    ),
  );
}

/** What does not exist is refused, never accepted and ignored. @returns the problem, in words */
export function readPolicy(texts: PolicyTexts): ManifestPolicy | { readonly problem: string } {
  for (const [name, value] of Object.entries(texts) as [PolicyAnnotation, string][]) {
    if (isPolicyValue(name, value)) continue;
    return { problem: `annotation ${name}: unsupported value "${value}"; supported: ${policySyntax[name].supported}` };
  }
  const ignoredFields = parseIgnoredFields(texts[policyAnnotation.ignoreFields] ?? '');
  if ('problem' in ignoredFields)
    return { problem: `annotation ${policyAnnotation.ignoreFields}: ${ignoredFields.problem}` };
  const feedback = parseFeedback(texts[policyAnnotation.feedbackFields] ?? '');
  if ('problem' in feedback) return { problem: `annotation ${policyAnnotation.feedbackFields}: ${feedback.problem}` };
  const deadline = texts[policyAnnotation.healthDeadline];
  return {
    strategy: (texts[policyAnnotation.applyStrategy] ?? 'ServerSideApply') as ApplyStrategy,
    deletionPolicy: (texts[policyAnnotation.deletionPolicy] ?? 'Delete') as DeletionPolicy,
    takeOver: (texts[policyAnnotation.takeOver] ?? 'Never') as TakeOver,
    fieldConflicts: (texts[policyAnnotation.fieldConflicts] ?? 'Fail') as FieldConflicts,
    wave: Number(texts[policyAnnotation.applyWave] ?? 0),
    waveGate: (texts[policyAnnotation.waveGate] ?? 'None') as WaveGate,
    ignoredFields,
    driftPolicy: (texts[policyAnnotation.driftPolicy] ?? 'Repair') as DriftPolicy,
    driftCompare: (texts[policyAnnotation.driftCompare] ?? 'Owned') as DriftCompare,
    healthDeadlineSeconds: deadline === undefined ? undefined : Number(deadline),
    feedback,
    secretDataFrom: texts[policyAnnotation.secretDataFrom],
  };
}

const celPrefix = 'cel:';

/** `address=.status.loadBalancer.ingress[0].ip; ready=.status.readyReplicas; whole=cel: object.status.ready == 3`; of two of one name the first counts. DL-23 */
function parseFeedback(text: string): readonly FeedbackField[] | { readonly problem: string } {
  const fields = new Map<string, FeedbackField>();
  for (const entry of text.split(/[;\n]/)) {
    const trimmed = entry.trim();
    if (trimmed === '') continue;
    const at = trimmed.indexOf('=');
    const name = trimmed.slice(0, at);
    const source = trimmed.slice(at + 1);
    const read = source.startsWith(celPrefix) ? source.slice(celPrefix.length).trim() : parseJsonPath(source);
    if (typeof read === 'object') return { problem: `path of ${name}: ${read.problem}` };
    if (!fields.has(name)) fields.set(name, { name, source, read });
  }
  if (fields.size > maxFeedbackFields)
    return { problem: `asks for ${fields.size} fields; at most ${maxFeedbackFields} are possible` };
  return [...fields.values()];
}

/** Whether all of a Work is tried before anything is written. */
export const dryRunOf = (work: Work): DryRun =>
  (work.metadata.annotations?.[policyAnnotation.dryRun] ?? 'None') as DryRun;
