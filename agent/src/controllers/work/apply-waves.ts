import {
  annotation,
  type KubeObject,
  labelValueOf,
  ManifestReason,
  type Stored,
  type Work,
  type WorkReport,
} from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { isTrusted } from '../../health/health.ts';
import type { HealthJudge } from '../../health/own-rules.ts';
import { createAbsence } from './absence.ts';
import { applyManifest } from './apply.ts';
import type { ApplyContext, ApplyOutcome, ApplyTarget } from './apply-target.ts';
import { tryAll } from './dry-run.ts';
import { tellFights } from './events.ts';
import type { JournalView } from './journal.ts';
import { inLanes } from './lanes.ts';
import { lookAtManifest } from './look-at.ts';
import type { ManifestProblem } from './manifest.ts';
import type { ManifestResult } from './manifest-result.ts';
import type { Pass } from './options.ts';
import { rankOf } from './order.ts';
import { dryRunOf } from './policy.ts';
import { readLive } from './read-live.ts';
import type { Applicable } from './sort-out.ts';
import { indexReports } from './status.ts';
import { inWaves } from './waves.ts';

export interface Delivery {
  readonly work: Stored<Work>;
  readonly applicable: readonly Applicable[];
  readonly journal: JournalView;
  /** What the hub was last told. */
  readonly report: Stored<WorkReport> | undefined;
  /** The hub holds an older Work than was delivered: what differs waits for a person. RG-10 */
  readonly isHeld: boolean;
  /** Hashes of Jobs that completed, by identity. DL-7 */
  readonly completed: ReadonlyMap<string, string>;
  /** Manifests that cannot be tried and will not be applied, whatever comes. */
  readonly refused: number;
}

export interface Delivered {
  readonly results: ReadonlyMap<number, ManifestResult>;
  /** The Work was deleted or replaced meanwhile. DL-9 */
  readonly isStopped: boolean;
  /** It was tried first, and would fail: nothing of it is written, nor withdrawn. DL-1 */
  readonly isRefused: boolean;
}

/** Objects of one rank that are under way at once; they are started in their order. BM-10 */
const atOnce = 24;

/**
 * Handles manifests wave by wave. One that fails stops neither the others of its wave nor, unless it was to be healthy first,
 * the waves after it. DL-1, WK-24
 */
export async function applyWaves(given: ApplyContext, pass: Pass, delivery: Delivery): Promise<Delivered> {
  const { work, applicable } = delivery;
  const { memberClient, signal, applied } = given;
  const ownLabel = labelValueOf(applied.metadata.name);
  const wanted = applicable.filter(({ isOwned }) => isOwned);
  const context = { ...given, absence: createAbsence({ memberClient, signal, clock: pass.clock, wanted, ownLabel }) };
  const results = new Map<number, ManifestResult>();
  const told = indexReports(delivery.report?.status?.manifests ?? []);
  const targets = new Map(applicable.map((each) => [each.ordinal, targetOf(delivery, each, told)]));
  const give = ({ manifest, type, namespace }: Applicable, outcome: ApplyOutcome) =>
    results.set(manifest.ordinal, resultOf(context, { manifest, type }, namespace, outcome));
  if (dryRunOf(work) === 'First') {
    const refused = await tryAll(
      context,
      applicable.flatMap((each) => (each.isOwned ? (targets.get(each.ordinal) ?? []) : [])),
    );
    const count = refused.size + delivery.refused;
    if (count > 0) {
      for (const each of applicable)
        give(each, { live: undefined, problem: refused.get(each.ordinal) ?? heldByTrial(count) });
      return { results, isStopped: false, isRefused: true };
    }
  }
  await watchAll(context, applicable);
  try {
    return { results, isStopped: !(await applyInOrder()), isRefused: false };
  } catch (error) {
    // What was put back before the member failed is told with the next report, which finds it right already. DL-21
    pass.untold.with(`${work.metadata.namespace}/${work.metadata.name}`, [...results.values()], context.now);
    throw error;
  }

  async function applyInOrder(): Promise<boolean> {
    let gate: string | undefined;
    for (const wave of inWaves(applicable)) {
      for (const group of byRank(wave)) {
        const isDone = await inLanes(group, atOnce, async (each) => {
          if (!isStillWanted(pass, work)) return false;
          const target = targets.get(each.ordinal);
          if (target === undefined) return true;
          const outcome = await handle(context, each, target, {
            gate,
            isHeld: delivery.isHeld,
            completed: delivery.completed,
          });
          await tellFights(pass, work, each.manifest, outcome.fights ?? []);
          give(each, outcome);
          return true;
        });
        if (!isDone) return false;
      }
      gate ??= gateOf(wave, results, pass.healthOf);
    }
    return true;
  }
}

/** One watch tells of all objects of a kind what would be asked for one by one. */
async function watchAll({ watchers, signal }: ApplyContext, applicable: readonly Applicable[]): Promise<void> {
  const scopes = new Map(
    applicable
      .filter(({ isOwned }) => isOwned)
      .map(({ type, namespace }) => [`${type.group}/${type.version} ${type.plural} ${namespace}`, { type, namespace }]),
  );
  await Promise.all([...scopes.values()].map(({ type, namespace }) => watchers.ready(type, namespace, signal)));
}

function targetOf(
  { journal }: Delivery,
  { manifest, type, identity }: Applicable,
  told: ReturnType<typeof indexReports>,
): ApplyTarget {
  return { manifest, type, journalUid: journal.uidOf(identity), appliedHash: told.get(identity)?.appliedHash };
}

const heldByTrial = (count: number): ManifestProblem => ({
  reason: ManifestReason.DryRunFailed,
  message: `nothing is written: ${count} other manifests of the Work would fail`,
});

/** What a hub that came back from a backup asks for, while nobody has said that it is to be followed. RG-10 */
export const heldByRestore: ManifestProblem = {
  reason: ManifestReason.HubRestored,
  message:
    'the hub came back from a backup, or holds an older Work than the one that was delivered; it is followed after: quarterdeck hub confirm-restore',
};

interface Hold {
  /** What an earlier wave waits for. */
  readonly gate: string | undefined;
  readonly isHeld: boolean;
  readonly completed: ReadonlyMap<string, string>;
}

async function handle(
  context: ApplyContext,
  each: Applicable,
  target: ApplyTarget,
  { gate, isHeld, completed }: Hold,
): Promise<ApplyOutcome> {
  const { manifest, type, identity, isOwned } = each;
  if (!isOwned) return await lookAtManifest(context, target);
  context.watchers.ensure(type, manifest.namespace);
  const isCompleted = completed.get(identity) === manifest.hash;
  if (isCompleted || isHeld || gate !== undefined) {
    const live = await readLive(context, target);
    if (isCompleted && live === undefined) return { live: undefined, problem: undefined, isCompleted: true };
    // What stands is kept right; what is new waits for its turn.
    const isNew = live?.metadata.annotations?.[annotation.manifestHash] !== manifest.hash;
    if (isHeld && isNew) return { live: undefined, problem: heldByRestore };
    if (gate !== undefined && isNew) {
      const message = `waits for an earlier wave: ${gate}`;
      return { live: undefined, problem: { reason: ManifestReason.WaitingForWave, message } };
    }
  }
  return await applyManifest(context, target);
}

/** The first manifest of a wave that later ones have to wait for. */
function gateOf(
  wave: readonly Applicable[],
  results: ReadonlyMap<number, ManifestResult>,
  healthOf: HealthJudge,
): string | undefined {
  for (const { manifest } of wave) {
    if (manifest.policy.waveGate !== 'Healthy') continue;
    const result = results.get(manifest.ordinal);
    const title = `${manifest.gvk.kind} ${manifest.namespace === '' ? '' : `${manifest.namespace}/`}${manifest.name}`;
    if (result?.problem !== undefined) return `${title} is not applied`;
    if (result?.isCompleted === true) continue;
    if (result?.live === undefined) return `${title} is not there`;
    const health = healthOf(manifest.gvk, result.live);
    if (isTrusted(health)) continue;
    const state = health.health === 'Unknown' ? 'is not known to be healthy' : 'is not healthy';
    return `${title} ${state}${health.message === '' ? '' : `: ${health.message}`}`;
  }
  return undefined;
}

function byRank(wave: readonly Applicable[]): Applicable[][] {
  const groups: Applicable[][] = [];
  let last: number | undefined;
  for (const each of wave) {
    const rank = rankOf(each.gvk);
    if (rank === last) groups.at(-1)?.push(each);
    else groups.push([each]);
    last = rank;
  }
  return groups;
}

function isStillWanted({ works }: Pass, { metadata }: Stored<Work>): boolean {
  const now = works.get(`${metadata.namespace}/${metadata.name}`);
  return now?.metadata.uid === metadata.uid && now.metadata.deletionTimestamp === undefined;
}

function resultOf(
  { watchers }: ApplyContext,
  { manifest, type }: Pick<ApplyTarget, 'manifest' | 'type'>,
  namespace: string,
  outcome: ApplyOutcome,
): ManifestResult {
  const { ordinal, gvk, name, hash, policy } = manifest;
  const mode = watchers.mode(type, namespace);
  return {
    identifier: { ordinal, ...gvk, resource: type.plural, namespace, name },
    gvk,
    policy,
    problem: outcome.problem,
    live: outcome.live as unknown as JsonObject | undefined,
    uid: (outcome.live as KubeObject | undefined)?.metadata.uid,
    appliedHash: outcome.problem === undefined && policy.strategy !== 'ReadOnly' ? hash : undefined,
    drift: outcome.drift,
    isCompleted: outcome.isCompleted,
    againAfterMs: outcome.againAfterMs,
    ...(mode === 'Cluster' || policy.strategy === 'ReadOnly' ? {} : { observation: mode }),
  };
}
