import { methodNotAllowed } from '../errors.ts';
import type { ApiResponse } from '../http-message.ts';
import type { NonResourceHandler } from '../non-resource.ts';

/** One thing that must be well. */
export interface HealthCheck {
  readonly name: string;
  /** Asked by `/livez` too; every check is asked by `/readyz` and `/healthz`. */
  readonly live: boolean;
  readonly isHealthy: () => boolean;
}

const endpoints = ['healthz', 'livez', 'readyz'];

/** `/livez`, `/readyz`, `/healthz`, each with `?verbose`, `?exclude=` and `/NAME`. KA-19 */
export function createHealthHandler(checks: readonly HealthCheck[]): NonResourceHandler {
  return (request, info) => {
    const [endpoint = '', name, ...rest] = info.path.split('/').filter((segment) => segment !== '');
    if (!endpoints.includes(endpoint) || rest.length > 0) return undefined;
    const asked = askedBy(endpoint, checks);
    if (name !== undefined && !asked.some((check) => check.name === name)) return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const excluded = new Set(request.query.getAll('exclude'));
    const chosen = asked.filter((check) => (name === undefined ? true : check.name === name));
    return report(endpoint, chosen, excluded, request.query.has('verbose'), name !== undefined);
  };
}

function report(
  endpoint: string,
  checks: readonly HealthCheck[],
  excluded: ReadonlySet<string>,
  verbose: boolean,
  single: boolean,
): ApiResponse {
  const results = checks.map((check) => ({ name: check.name, ok: excluded.has(check.name) || check.isHealthy() }));
  const healthy = results.every((result) => result.ok);
  const lines = results.map(({ name, ok }) => {
    if (excluded.has(name)) return `[+]${name} excluded: ok`;
    return ok ? `[+]${name} ok` : `[-]${name} failed: reason withheld`;
  });
  if (healthy && !(verbose && !single)) return text(200, 'ok');
  return text(healthy ? 200 : 500, `${lines.join('\n')}\n${endpoint} check ${healthy ? 'passed' : 'failed'}\n`);
}

function text(status: number, body: string): ApiResponse {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: Buffer.from(body, 'utf8'),
  };
}

/** `/metrics/slis`: what every check says now, as a gauge for each endpoint that asks it. KA-20 */
export function createHealthMetricsHandler(checks: readonly HealthCheck[]): NonResourceHandler {
  return (_request, info) => {
    if (info.path.replace(/\/$/, '') !== '/metrics/slis') return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const series = endpoints.flatMap((endpoint) =>
      askedBy(endpoint, checks).map(
        (check) => `kubernetes_healthcheck{name="${check.name}",type="${endpoint}"} ${check.isHealthy() ? 1 : 0}`,
      ),
    );
    const name = 'kubernetes_healthcheck';
    const head = [`# HELP ${name} Whether a health check passes.`, `# TYPE ${name} gauge`];
    const body = Buffer.from(`${[...head, ...series].join('\n')}\n`, 'utf8');
    return { status: 200, headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body };
  };
}

function askedBy(endpoint: string, checks: readonly HealthCheck[]): readonly HealthCheck[] {
  return checks.filter((check) => (endpoint === 'livez' ? check.live : true));
}
