import {
  agentFieldManager,
  apiVersionOf,
  formatTime,
  isForbidden,
  type Stored,
  Work,
  WorkReport,
  type WorkStatus,
} from '@quarterdeck/apis';
import { type EpochMs, equalValues, type JsonValue } from '@quarterdeck/machinery';
import type { Pass } from './options.ts';
import { type ManifestResult, reportStatus, workStatus } from './status.ts';

/**
 * Tells the hub what became of a Work, on change only, compared with what the hub holds. A hub that takes no reports from a
 * denied member changes nothing on the member. WK-38, DL-23, DL-24, RG-22
 */
export async function writeReport(
  pass: Pass,
  work: Stored<Work>,
  results: readonly ManifestResult[],
  now: EpochMs,
): Promise<void> {
  try {
    await writeStatus(pass, work, workStatus(work, results, now));
    await writeWorkReport(pass, work, results, now);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    pass.logger.warn({ reason: (error as Error).message }, 'the hub takes no report of this Work');
  }
}

async function writeStatus({ hubClient, signal }: Pass, work: Stored<Work>, status: WorkStatus): Promise<void> {
  if (equal(status, work.status)) return;
  await hubClient.update(Work, { ...work, status }, { subresource: 'status', signal, fieldManager: agentFieldManager });
}

async function writeWorkReport(
  { hubClient, reports, signal }: Pass,
  work: Stored<Work>,
  results: readonly ManifestResult[],
  now: EpochMs,
): Promise<void> {
  const { name, namespace = '', uid } = work.metadata;
  const existing = reports.get(`${namespace}/${name}`);
  const report = reportStatus(work, results);
  const { lastReportTime: _time, ...before } = existing?.status ?? { observedWorkGeneration: -1 };
  if (equal(report, before)) return;
  const object: WorkReport = {
    apiVersion: apiVersionOf(WorkReport),
    kind: WorkReport.kind,
    metadata: {
      name,
      namespace,
      ownerReferences: [{ apiVersion: apiVersionOf(Work), kind: Work.kind, name, uid }],
    },
    status: { ...report, lastReportTime: formatTime(now) },
  };
  await hubClient.apply(WorkReport, object, { fieldManager: agentFieldManager, force: true, signal });
}

const equal = (a: unknown, b: unknown): boolean => equalValues(a as JsonValue, b as JsonValue | undefined);
