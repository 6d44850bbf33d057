import { X509Certificate } from 'node:crypto';
import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { needed } from '../builtin/checks.ts';
import { portErrors } from '../builtin/network/ports.ts';
import { invalidField, requiredField, stringAt, valueAt } from '../registry/fields.ts';
import { dnsSubdomainProblems } from '../registry/names.ts';

const form = '; desired format: https://host[/path]';

/**
 * Where a webhook is, be it asked to admit or to convert: a URL, or a service; and whose certificate it shows. KA-106b,
 * KA-136
 * @param path of the configuration in its object
 */
export function clientConfigErrors(config: JsonObject, path: string): FieldError[] {
  const url = valueAt(config, 'url');
  const service = valueAt(config, 'service');
  if ((url === undefined) === (service === undefined)) {
    return [requiredField(path, 'exactly one of url or service is required')];
  }
  return isJsonObject(service) ? serviceErrors(service, `${path}.service`) : urlErrors(String(url), `${path}.url`);
}

/** A bundle in which nothing can be found lets nothing be trusted. @param bundle base64 of PEM; empty: the system's */
export function caBundleErrors(bundle: string, path: string): FieldError[] {
  if (bundle === '') return [];
  const text = Buffer.from(bundle, 'base64').toString('utf8');
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length > 0 && blocks.every(isCertificate)) return [];
  return [invalidField(path, bundle, 'unable to load root certificates: unable to parse bytes as PEM block')];
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.byteLength > 0;
  } catch {
    return false;
  }
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
