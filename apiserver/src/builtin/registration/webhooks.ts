import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import type { ResourceDefinition } from '../../registry/definition.ts';
import {
  invalidField,
  listAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
} from '../../registry/fields.ts';
import { dnsSubdomainProblems } from '../../registry/names.ts';
import { clientConfigErrors } from '../../webhook/client-config.ts';
import { between, duplicates, each, selectorProblems } from '../checks.ts';
import { numberColumn } from '../columns.ts';
import { dataKind } from '../data-kind.ts';
import { withAbsent, withEach, withPart } from '../defaults.ts';
import { completeRule, conditionErrors, ruleErrors } from './match-rules.ts';

const reviewVersions = ['v1', 'v1beta1'];
const sideEffects = ['None', 'NoneOnDryRun'];

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
    ...clientConfigErrors(objectAt(webhook, 'clientConfig'), `${path}.clientConfig`),
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
