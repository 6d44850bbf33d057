import {
  authorizerValue,
  type CelAuthorizer,
  type CelValue,
  fromJson,
  type JsonObject,
  type JsonValue,
  requestResourceValue,
} from '@quarterdeck/machinery';
import type { Authorizer } from '../../authz/authorizer.ts';
import { objectAt } from '../../registry/fields.ts';
import type { AdmissionAttributes } from '../admission.ts';
import type { Equivalent } from './match.ts';

/** What one request shows to the expressions of one policy; objects in the version that the policy matched. */
export interface PolicyInput {
  readonly attributes: AdmissionAttributes;
  readonly as: Equivalent;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
  /** Reads the namespace; undefined for what stands in none. */
  readonly namespace: () => JsonObject | undefined;
  readonly authorizer: Authorizer;
}

/** The values of variables that are the same for every binding and parameter; made when they are asked for. KA-137b */
export function requestVariables(input: PolicyInput): (name: string) => CelValue | undefined {
  const { attributes, object, oldObject, namespace } = input;
  const made = new Map<string, CelValue | undefined>();
  const make = (name: string): CelValue | undefined => {
    switch (name) {
      case 'object':
        return fromJson(object ?? null);
      case 'oldObject':
        return fromJson(oldObject ?? null);
      case 'request':
        return fromJson(requestObject(input));
      case 'namespaceObject':
        return fromJson(namespaceObject(namespace()));
      case 'authorizer':
        return authorizerValue(celAuthorizer(input.authorizer), attributes.user);
      case 'authorizer.requestResource': {
        const { group, resource, subresource, namespace: where, name: object } = attributes;
        const request = { group, resource, subresource, namespace: where, name: object };
        return requestResourceValue(celAuthorizer(input.authorizer), attributes.user, request);
      }
      default:
        return undefined;
    }
  };
  return (name) => {
    if (!made.has(name)) made.set(name, make(name));
    return made.get(name);
  };
}

/** Roles know nothing of selectors: a right without them is asked for. */
function celAuthorizer(authorizer: Authorizer): CelAuthorizer {
  return {
    authorize: (asked) =>
      authorizer.authorize(
        'path' in asked
          ? asked
          : {
              user: asked.user,
              verb: asked.verb,
              group: asked.group,
              version: asked.version,
              resource: asked.resource,
              subresource: asked.subresource,
              namespace: asked.namespace,
              name: asked.name,
            },
      ),
  };
}

function requestObject({ attributes, as }: PolicyInput): JsonObject {
  const { group, version, kind, resource, subresource, name, namespace, operation, user, dryRun, options } = attributes;
  const { objectVersion } = attributes;
  const sub = subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource };
  const userInfo: JsonObject = {
    username: user.name,
    ...(user.uid === undefined ? {} : { uid: user.uid }),
    groups: [...user.groups],
    ...(user.extra === undefined ? {} : { extra: user.extra as unknown as JsonValue }),
  };
  return {
    // A Scale is one in every version of what it scales.
    kind:
      objectVersion === undefined
        ? { group: as.group, version: as.version, kind: as.kind }
        : { ...objectVersion, kind },
    resource: { group: as.group, version: as.version, resource: as.resource },
    requestKind: { ...(objectVersion ?? { group, version }), kind },
    requestResource: { group, version, resource },
    ...sub,
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation,
    userInfo,
    dryRun,
    options: options ?? null,
  };
}

const shownMetadata = [
  'name',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'finalizers',
];

/** Neither owners nor managers of a namespace are shown. */
function namespaceObject(namespace: JsonObject | undefined): JsonObject | null {
  if (namespace === undefined) return null;
  const metadata = objectAt(namespace, 'metadata');
  const shown = Object.fromEntries(
    shownMetadata.flatMap((field) => {
      const value = metadata[field];
      return value === undefined ? [] : [[field, value]];
    }),
  );
  return { metadata: shown, spec: objectAt(namespace, 'spec'), status: objectAt(namespace, 'status') };
}
