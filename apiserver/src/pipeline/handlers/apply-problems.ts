import { type ApiError, badRequest } from '@quarterdeck/apis';
import { goQuote, type JsonObject, type WireProblem } from '@quarterdeck/machinery';
import { stringAt } from '../../registry/fields.ts';
import type { ResolvedResource } from '../../registry/registry.ts';

/**
 * What is wrong with an applied configuration, in the words of the two places where Kubernetes finds it: its YAML reader
 * knows lines, its merge knows paths. Clients match both. KA-61d
 */

/** A text for each key that is there twice. */
export function doubledKeys(problems: readonly WireProblem[]): string[] {
  return problems.map(({ path, at }) =>
    at === undefined
      ? `duplicate field ${goQuote(path)}`
      : `line ${at.line}: key ${goQuote(at.key)} already set in map`,
  );
}

export function refuseDoubledKeys(texts: readonly string[]): ApiError {
  const lines = texts.map((text) => `\n  ${text}`).join('');
  return badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`);
}

/** @param paths dotted, without the leading dot */
export function undeclaredFields(resource: ResolvedResource, config: JsonObject, paths: readonly string[]): ApiError {
  const texts = paths.map((path) => `.${path}: field not declared in schema`);
  const what = texts.length === 1 ? ` ${texts[0]}` : ` errors:${texts.map((text) => `\n  ${text}`).join('')}`;
  return untypedConfiguration(resource, config, what);
}

/** A configuration that does not fit its schema; named as it names itself. @param what with a space before it */
export function untypedConfiguration(
  { definition, version }: ResolvedResource,
  config: JsonObject,
  what: string,
): ApiError {
  const name = `${stringAt(config, 'metadata', 'namespace')}/${stringAt(config, 'metadata', 'name')}`;
  const type = `${definition.group}/${version.name}, Kind=${definition.kind}`;
  return badRequest(`failed to create typed patch object (${name}; ${type}):${what}`);
}
