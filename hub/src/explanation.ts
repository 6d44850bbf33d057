import { ApiError, badRequest } from '@quarterdeck/apis';
import type { AddedSubresources, ConnectHandler } from '@quarterdeck/apiserver';
import { type Clock, encodeJson, type JsonValue, type Reader } from '@quarterdeck/machinery';
import { explainPlacement, explanationKind } from './explain.ts';

export interface ExplanationOptions {
  /** The hub's own view of everything. What is answered is bounded by the namespace's bindings. PL-33 */
  readonly reader: () => Reader;
  readonly clock: Clock;
}

/**
 * `placements/NAME/explanation`, with `?cluster=NAME` for one cluster only: computed on request, stored nowhere. Who has the
 * right to it needs no right to read the fleet. PL-33, PL-34
 */
export const explanationSubresources = (options: ExplanationOptions): AddedSubresources =>
  new Map([
    [
      'placements.quarterdeck.dev',
      { explanation: { type: 'connect', kind: explanationKind, verbs: ['get'], handle: explanationHandler(options) } },
    ],
  ]);

/** Answers a request for the explanation of one placement. */
export const explanationHandler =
  ({ reader, clock }: ExplanationOptions): ConnectHandler =>
  async ({ namespace, name, target }) => {
    const clusterName = new URL(target, 'http://hub.invalid').searchParams.get('cluster') ?? undefined;
    const ref = { namespace, name, ...(clusterName === undefined ? {} : { clusterName }) };
    const explanation = await explainPlacement(reader(), ref, clock).catch((error: unknown) => {
      // What cannot be explained is a fact about the placement.
      throw error instanceof ApiError ? error : badRequest(error instanceof Error ? error.message : String(error));
    });
    if (clusterName !== undefined && explanation.clusters.length === 0) {
      throw badRequest(`cluster ${clusterName} is not in reach of namespace ${namespace}`);
    }
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: new TextEncoder().encode(`${encodeJson(explanation as unknown as JsonValue)}\n`),
    };
  };
