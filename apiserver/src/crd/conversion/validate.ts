import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
} from '../../registry/fields.ts';
import { caBundleErrors, clientConfigErrors } from '../../webhook/client-config.ts';
import { labelErrors } from '../crd-names.ts';
import { reviewVersions } from './review.ts';

const at = (field: string) => `spec.conversion.${field}`;

/** How the versions of a kind convert, under the names that Kubernetes' own errors have for the fields. KA-106 */
export function conversionErrors(conversion: JsonObject): FieldError[] {
  const strategy = stringAt(conversion, 'strategy');
  const webhook = valueAt(conversion, 'webhook');
  switch (strategy) {
    case '':
      return [requiredField(at('strategy'))];
    case 'Webhook':
      return webhookErrors(isJsonObject(webhook) ? webhook : {});
    case 'None': {
      if (!isJsonObject(webhook)) return [];
      const why = 'should not be set when strategy is not set to Webhook';
      return ['webhookClientConfig', 'conversionReviewVersions'].map((field) => forbiddenField(at(field), why));
    }
    default:
      return [unsupportedField(at('strategy'), strategy, ['None', 'Webhook'])];
  }
}

function webhookErrors(webhook: JsonObject): FieldError[] {
  const { clientConfig } = webhook;
  const path = at('webhookClientConfig');
  return [
    ...(isJsonObject(clientConfig)
      ? clientConfigErrors(clientConfig, path)
      : [requiredField(path, 'required when strategy is set to Webhook')]),
    ...versionErrors(stringsAt(webhook, 'conversionReviewVersions'), at('conversionReviewVersions')),
  ];
}

/** A bundle that was good may not become bad; one that was never good may wait for whoever fills it in. KA-106b */
export function bundleErrors(conversion: JsonObject, old: JsonObject): FieldError[] {
  const errorsOf = (from: JsonObject) => {
    const bundle = stringAt(from, 'webhook', 'clientConfig', 'caBundle');
    return caBundleErrors(bundle, at('webhookClientConfig.caBundle'));
  };
  return errorsOf(old).length === 0 ? errorsOf(conversion) : [];
}

function versionErrors(versions: readonly string[], path: string): FieldError[] {
  if (versions.length === 0) return [requiredField(path)];
  const own = versions.flatMap((version, index) => [
    ...(versions.indexOf(version) < index ? [invalidField(`${path}[${index}]`, version, 'duplicate version')] : []),
    ...labelErrors(version, `${path}[${index}]`, true),
  ]);
  if (own.length > 0 || versions.some((version) => reviewVersions.includes(version))) return own;
  return [invalidField(path, [...versions], `must include at least one of ${reviewVersions.join(', ')}`)];
}
