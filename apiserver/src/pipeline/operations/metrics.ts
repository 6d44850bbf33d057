import { methodNotAllowed } from '../errors.ts';
import type { NonResourceHandler } from '../non-resource.ts';

/** The part of a prom-client registry that is served. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** `/metrics` in Prometheus' text form, authorised as a non-resource URL. KA-20 */
export function createMetricsHandler(source: MetricsSource): NonResourceHandler {
  return async (_request, info) => {
    if (info.path.replace(/\/$/, '') !== '/metrics') return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const body = Buffer.from(await source.metrics(), 'utf8');
    return { status: 200, headers: { 'content-type': source.contentType }, body };
  };
}
