import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { atLeast, between, needed, oneOf } from '../checks.ts';
import { portErrors, portOrNameErrors } from '../network/ports.ts';

const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];
const counts = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

/** Probes and lifecycle hooks of a container. KA-3 */
export function probesErrors(container: JsonObject, path: string): FieldError[] {
  const hooks = valueAt(container, 'lifecycle');
  return [
    ...(isJsonObject(hooks) ? lifecycleErrors(hooks, `${path}.lifecycle`) : []),
    ...probeErrors(container, path, 'livenessProbe'),
    ...probeErrors(container, path, 'readinessProbe'),
    ...probeErrors(container, path, 'startupProbe'),
  ];
}

function lifecycleErrors(hooks: JsonObject, path: string): FieldError[] {
  return ['postStart', 'preStop'].flatMap((name) => {
    const hook = valueAt(hooks, name);
    return isJsonObject(hook) ? handlerErrors(hook, `${path}.${name}`) : [];
  });
}

function probeErrors(container: JsonObject, path: string, field: string): FieldError[] {
  const probe = valueAt(container, field);
  if (!isJsonObject(probe)) return [];
  const at = `${path}.${field}`;
  const successes = numberAt(probe, 'successThreshold');
  const isReadiness = field === 'readinessProbe';
  const grace = numberAt(probe, 'terminationGracePeriodSeconds');
  return [
    ...handlerErrors(probe, at),
    ...counts.flatMap((count) => atLeast(probe, at, count)),
    ...(isReadiness || successes === undefined || successes === 1
      ? []
      : [invalidField(`${at}.successThreshold`, successes, 'must be 1')]),
    ...(grace === undefined
      ? []
      : isReadiness
        ? [invalidField(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')]
        : atLeast(probe, at, 'terminationGracePeriodSeconds', 1)),
  ];
}

function handlerErrors(handler: JsonObject, path: string): FieldError[] {
  const given = kinds.filter((kind) => isJsonObject(valueAt(handler, kind)));
  const [first, ...more] = given;
  if (first === undefined) return [requiredField(path, 'must specify a handler type')];
  return [
    ...actionErrors(first, handler, `${path}.${first}`),
    ...more.map((kind) => forbiddenField(`${path}.${kind}`, 'may not specify more than 1 handler type')),
  ];
}

function actionErrors(kind: string, handler: JsonObject, path: string): FieldError[] {
  const action = valueAt(handler, kind) as JsonObject;
  switch (kind) {
    case 'exec':
      return needed(action, path, 'command');
    case 'httpGet':
      return [
        ...needed(action, path, 'path'),
        ...portOrNameErrors(action, path, 'port'),
        ...oneOf(action, path, 'scheme', ['HTTP', 'HTTPS'], true),
        ...objectsAt(action, 'httpHeaders').flatMap((header) => headerErrors(stringAt(header, 'name'), path)),
      ];
    case 'tcpSocket':
      return portOrNameErrors(action, path, 'port');
    case 'grpc':
      return portErrors(action, path, 'port');
    default:
      return between(action, path, 'seconds', 0, 2 ** 31 - 1);
  }
}

function headerErrors(name: string, path: string): FieldError[] {
  return /^[-A-Za-z0-9]+$/.test(name)
    ? []
    : [
        invalidField(
          `${path}.httpHeaders`,
          name,
          "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name')",
        ),
      ];
}
