import type { JsonObject } from '@quarterdeck/machinery';
import type { Verb } from '../../registry/definition.ts';
import type { ResolvedResource } from '../../registry/registry.ts';
import { acceptedPatches, patchTypes } from '../handlers/patch.ts';
import { metaPrefix, ref } from './names.ts';

export interface OperationOptions {
  readonly resource: ResolvedResource;
  readonly verb: Verb;
  /** `readCoreV1NamespacedConfigMap` without its verb: unique for the path. */
  readonly id: string;
  readonly gvk: { readonly group: string; readonly version: string; readonly kind: string };
  /** Definitions of what is sent and what comes back. */
  readonly body: string;
  readonly answer: string;
}

const actions: Readonly<Record<Verb, string>> = {
  create: 'post',
  get: 'get',
  list: 'list',
  watch: 'watch',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'deletecollection',
};

export const methods: Readonly<Record<Exclude<Verb, 'watch'>, string>> = {
  create: 'post',
  get: 'get',
  list: 'get',
  update: 'put',
  patch: 'patch',
  delete: 'delete',
  deletecollection: 'delete',
};

/** One operation of a path. kubectl reads its parameters and its body's media types to decide how to patch. KA-22, KA-23 */
export function operation(options: OperationOptions): JsonObject {
  const { verb, gvk, resource } = options;
  const body = requestBody(options);
  return {
    tags: [gvk.group === '' ? `core_${gvk.version}` : `${gvk.group.split('.')[0]}_${gvk.version}`],
    description: `${verb} ${resource.definition.kind}`,
    operationId: `${verb}${options.id}`,
    parameters: parametersOf(verb),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(options),
    'x-kubernetes-action': actions[verb],
    'x-kubernetes-group-version-kind': { ...gvk },
  };
}

function requestBody({ verb, body, resource }: OperationOptions): JsonObject | undefined {
  switch (verb) {
    case 'create':
    case 'update':
      return { content: { '*/*': { schema: ref(body) } }, required: true };
    case 'patch': {
      const types = acceptedPatches(resource.definition.origin).map((kind) => patchTypes[kind]);
      const schema = ref(`${metaPrefix}.Patch`);
      return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true };
    }
    case 'delete':
    case 'deletecollection':
      return { content: { '*/*': { schema: ref(`${metaPrefix}.DeleteOptions`) } } };
    default:
      return undefined;
  }
}

function responses({ verb, answer }: OperationOptions): JsonObject {
  const media = { 'application/json': { schema: ref(answer) }, 'application/yaml': { schema: ref(answer) } };
  const ok = { description: 'OK', content: media };
  const created = { description: 'Created', content: media };
  const base = { 401: { description: 'Unauthorized' } };
  if (verb === 'create') return { 200: ok, 201: created, ...base };
  if (verb === 'update' || verb === 'patch') return { 200: ok, 201: created, ...base };
  return { 200: ok, ...base };
}

type ParameterType = 'string' | 'boolean' | 'integer';

function query(name: string, type: ParameterType, description: string): JsonObject {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

const pretty = query('pretty', 'string', 'Indents the answer when "true".');
const dryRun = query('dryRun', 'string', 'With "All" everything is checked and nothing is stored.');
const fieldManager = query(
  'fieldManager',
  'string',
  'Who is recorded as the owner of the changed fields; at most 128 characters.',
);
const fieldValidation = query(
  'fieldValidation',
  'string',
  'What to do about unknown and doubled fields: Ignore, Warn or Strict. Default: Warn.',
);
const force = query('force', 'boolean', 'For apply: take over fields that others own.');
const listParameters = [
  query('allowWatchBookmarks', 'boolean', 'Whether a watch sends bookmarks.'),
  query('continue', 'string', 'Where the page starts; from the answer before.'),
  query('fieldSelector', 'string', 'Selects objects by their fields.'),
  query('labelSelector', 'string', 'Selects objects by their labels.'),
  query('limit', 'integer', 'At most this many objects in one answer.'),
  query('resourceVersion', 'string', 'Which state of the server to show.'),
  query('resourceVersionMatch', 'string', 'How resourceVersion is meant: Exact or NotOlderThan.'),
  query('sendInitialEvents', 'boolean', 'A watch starts with the present objects.'),
  query('timeoutSeconds', 'integer', 'When a watch ends.'),
  query('watch', 'boolean', 'Follow the changes instead of listing.'),
];
const deleteParameters = [
  dryRun,
  query('gracePeriodSeconds', 'integer', 'How long the object may take to end.'),
  query('orphanDependents', 'boolean', 'Deprecated: use propagationPolicy.'),
  query('propagationPolicy', 'string', 'What becomes of dependents: Orphan, Background or Foreground.'),
];

function parametersOf(verb: Verb): JsonObject[] {
  switch (verb) {
    case 'create':
    case 'update':
      return [dryRun, fieldManager, fieldValidation, pretty];
    case 'patch':
      return [dryRun, fieldManager, fieldValidation, force, pretty];
    case 'delete':
      return [...deleteParameters, pretty];
    case 'deletecollection':
      return [
        ...listParameters.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks'),
        ...deleteParameters,
        pretty,
      ];
    case 'list':
    case 'watch':
      return [...listParameters, pretty];
    case 'get':
      return [pretty];
    default:
      return verb satisfies never;
  }
}
