import { type FieldError, invalid } from '@quarterdeck/apis';
import { equalValues, goQuote, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { getStoredObject } from '../../authz/stored-object.ts';
import { forbiddenField, stringAt, valueAt } from '../../registry/fields.ts';
import type { Registry } from '../../registry/registry.ts';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission.ts';
import { policyResource } from './policy-objects.ts';

const group = 'admissionregistration.k8s.io';
const policies = 'validatingadmissionpolicies';
const bindings = 'validatingadmissionpolicybindings';

/**
 * The server reads the parameters of policies with its own eyes, and their messages may repeat what stands there. So who writes
 * a policy must be allowed to read every object of its `paramKind`, and who binds one those that the `paramRef` names:
 * otherwise whoever may write policies could read every Secret. What stays as it was is not asked again. KA-137b
 */
export function policyParamRights(registry: Pick<Registry, 'resolveKind'>): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicyParams',
    handles: ({ operation, group: of, resource, subresource }) =>
      of === group &&
      (resource === policies || resource === bindings) &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'UPDATE'),
    validate(attributes, context) {
      const { object, oldObject, resource, kind, name } = attributes;
      if (object === undefined) return;
      const check = resource === policies ? policyError : bindingError;
      const error = check({ object, oldObject }, { attributes, context, registry });
      if (error !== undefined) throw invalid({ group, kind }, name, [error]);
    },
  };
}

interface Write {
  readonly object: JsonObject;
  readonly oldObject: JsonObject | undefined;
}

interface World {
  readonly attributes: AdmissionAttributes;
  readonly context: AdmissionContext;
  readonly registry: Pick<Registry, 'resolveKind'>;
}

function policyError({ object, oldObject }: Write, world: World): FieldError | undefined {
  const paramKind = partOf(object, 'paramKind');
  if (paramKind === undefined || equalValues(paramKind, partOf(oldObject, 'paramKind'))) return undefined;
  // No rule for single names or namespaces holds for all of them.
  if (mayRead('get', { paramKind, namespace: '*', name: '*' }, world)) return undefined;
  const what = `kind=${stringAt(paramKind, 'kind')}, apiVersion=${stringAt(paramKind, 'apiVersion')}`;
  const why = `must have "get" permission on all objects of the referenced paramKind (${what})`;
  return forbiddenField('spec.paramKind', `user ${goQuote(world.attributes.user.name)} ${why}`);
}

function bindingError({ object, oldObject }: Write, world: World): FieldError | undefined {
  const paramRef = partOf(object, 'paramRef');
  if (paramRef === undefined) return undefined;
  const policyName = stringAt(object, 'spec', 'policyName');
  const isSamePolicy = oldObject !== undefined && stringAt(oldObject, 'spec', 'policyName') === policyName;
  if (isSamePolicy && equalValues(paramRef, partOf(oldObject, 'paramRef'))) return undefined;
  const key = { resource: policyResource, namespace: '', name: policyName };
  const paramKind = partOf(getStoredObject(world.context.store, key), 'paramKind');
  const name = stringAt(paramRef, 'name');
  const verb = name === '' ? 'list' : 'get';
  if (mayRead(verb, { paramKind, namespace: stringAt(paramRef, 'namespace'), name }, world)) return undefined;
  const least = paramKind === undefined ? 'all groups, versions and resources' : 'the object referenced by paramRef';
  const why = `does not have "${verb}" permission on ${least}`;
  return forbiddenField('spec.paramRef', `user ${goQuote(world.attributes.user.name)} ${why}`);
}

/** What cannot be told (a policy that is not there yet, a kind that nobody serves) may be anything: the right to all is asked. */
function mayRead(
  verb: 'get' | 'list',
  params: { readonly paramKind: JsonObject | undefined; readonly namespace: string; readonly name: string },
  { attributes, context, registry }: World,
): boolean {
  const { paramKind, namespace, name } = params;
  const apiVersion = paramKind === undefined ? '*/*' : stringAt(paramKind, 'apiVersion');
  const [version = '', of = ''] = apiVersion.split('/').reverse();
  const kind = paramKind === undefined ? '' : stringAt(paramKind, 'kind');
  const resource = registry.resolveKind(of, version, kind)?.definition.plural ?? '*';
  const request = { user: attributes.user, verb, group: of, version, resource, subresource: '', namespace, name };
  return context.authorizer.authorize(request).allowed;
}

function partOf(object: JsonObject | undefined, field: 'paramKind' | 'paramRef'): JsonObject | undefined {
  const part = object === undefined ? undefined : valueAt(object, 'spec', field);
  return isJsonObject(part) ? part : undefined;
}
