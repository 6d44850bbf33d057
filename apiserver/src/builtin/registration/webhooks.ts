import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import type { ResourceDefinition } from '../../registry/definition.ts';
import {
  invalidField,
  listAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems } from '../../registry/names.ts';
import { between, duplicates, each, needed, selectorProblems } from '../checks.ts';
import { numberColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent, withEach, withPart } from '../defaults.ts';
import { portErrors } from '../network/ports.ts';
import { completeRule, conditionErrors, ruleErrors } from './match-rules.ts';

const reviewVersions = ['v1', 'v1beta1'];
const sideEffects = ['None', 'NoneOnDryRun'];
const form = '; desired format: https://host[/path]';

function validate(configuration: JsonObject): FieldError[] {
  const names = objectsAt(configuration, 'webhooks').map((webhook) => stringAt(webhook, 'name'));
  return [
    ...each(configuration, '', 'webhooks', webhookErrors),
    ...duplicates(names, (index) => `webhooks[${index}].name`),
  ];
}

function webhookErrors(webhook: JsonObject, path: string): FieldError[] {
  return [
    ...nameErrors(stringAt(webhook, 'name'), `${path}.name`),
    ...versionErrors(stringsAt(webhook, 'admissionReviewVersions'), `${path}.admissionReviewVersions`),
    ...each(webhook, path, 'rules', ruleErrors),
    ...sideEffectErrors(stringAt(webhook, 'sideEffects'), `${path}.sideEffects`),
    ...between(webhook, path, 'timeoutSeconds', 1, 30),
    ...selectorProblems(webhook, path, 'namespaceSelector'),
    ...selectorProblems(webhook, path, 'objectSelector'),
    ...clientErrors(webhook, `${path}.clientConfig`),
    ...conditionErrors(webhook, path),
  ];
}

function nameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [requiredField(path)];
  const problems = dnsSubdomainProblems(name);
  const isShort = name.split('.').length < 3;
  return [
    ...problems.map((problem) => invalidField(path, name, problem)),
    ...(problems.length === 0 && isShort
      ? [invalidField(path, name, 'should be a domain with at least three segments separated by dots')]
      : []),
  ];
}

function versionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [requiredField(path, `must specify one of ${reviewVersions.join(', ')}`)];
  const doubled = duplicates(versions, (index) => `${path}[${index}]`);
  if (versions.some((version) => reviewVersions.includes(version))) return doubled;
  return [...doubled, invalidField(path, [...versions], `must include at least one of ${reviewVersions.join(', ')}`)];
}

function sideEffectErrors(value: string, path: string): FieldError[] {
  if (value === '') return [requiredField(path, `must specify one of ${sideEffects.join(', ')}`)];
  return sideEffects.includes(value) ? [] : [unsupportedField(path, value, sideEffects)];
}

/** Where the webhook is: a URL, or a service. Shared with what else is called. */
function clientErrors(webhook: JsonObject, path: string): FieldError[] {
  const url = valueAt(webhook, 'clientConfig', 'url');
  const service = valueAt(webhook, 'clientConfig', 'service');
  if ((url === undefined) === (service === undefined)) {
    return [requiredField(path, 'exactly one of url or service is required')];
  }
  if (isJsonObject(service)) return serviceErrors(service, `${path}.service`);
  return urlErrors(String(url), `${path}.url`);
}

function urlErrors(text: string, path: string): FieldError[] {
  if (!URL.canParse(text)) return [requiredField(path, `url must be a valid URL${form}`)];
  const url = new URL(text);
  return [
    ...(url.protocol === 'https:'
      ? []
      : [invalidField(path, url.protocol.slice(0, -1), `'https' is the only allowed URL scheme${form}`)]),
    ...(url.host === '' ? [invalidField(path, '', `host must be specified${form}`)] : []),
    ...(url.username === '' && url.password === ''
      ? []
      : [invalidField(path, '<user>', 'user information is not permitted in the URL')]),
    ...(url.hash === '' ? [] : [invalidField(path, url.hash.slice(1), 'fragments are not permitted in the URL')]),
    ...(url.search === ''
      ? []
      : [invalidField(path, url.search.slice(1), 'query parameters are not permitted in the URL')]),
  ];
}

function serviceErrors(service: JsonObject, path: string): FieldError[] {
  const urlPath = stringAt(service, 'path');
  return [
    ...needed(service, path, 'name'),
    ...needed(service, path, 'namespace'),
    ...portErrors(service, path, 'port'),
    ...(urlPath === '' || urlPath === '/' ? [] : pathErrors(urlPath, `${path}.path`)),
  ];
}

function pathErrors(text: string, path: string): FieldError[] {
  const segments = text.replace(/^\//, '').replace(/\/$/, '').split('/');
  return [
    ...(text.startsWith('/') ? [] : [invalidField(path, text, "must start with a '/'")]),
    ...segments.flatMap((segment, index) =>
      segment === ''
        ? [invalidField(path, text, `segment[${index}] may not be empty`)]
        : dnsSubdomainProblems(segment).map((problem) => invalidField(path, text, `segment[${index}]: ${problem}`)),
    ),
  ];
}

function completeWebhook(webhook: JsonObject, more: JsonObject): JsonObject {
  const filled = withAbsent(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    ...more,
  });
  const withPort = withPart(filled, 'clientConfig', (client) =>
    withPart(client, 'service', (service) => withAbsent(service, { port: 443 })),
  );
  return withEach(withPort, 'rules', completeRule);
}

function webhooks(kind: string, more: JsonObject): ResourceDefinition {
  return dataKind({
    group: 'admissionregistration.k8s.io',
    kind,
    plural: `${kind.toLowerCase()}s`,
    scope: 'Cluster',
    categories: ['api-extensions'],
    columns: [numberColumn('Webhooks', 'How many it has.', (object) => listAt(object, 'webhooks').length)],
    strategy: {
      hasGeneration: true,
      allowUnconditionalUpdate: false,
      complete: (object) => withEach(object, 'webhooks', (webhook) => completeWebhook(webhook, more)),
      validate,
    },
  });
}

/** Stored and checked. KA-1 */
export const validatingWebhooks = webhooks('ValidatingWebhookConfiguration', {});
/** Stored and checked. KA-1 */
export const mutatingWebhooks = webhooks('MutatingWebhookConfiguration', { reinvocationPolicy: 'Never' });
