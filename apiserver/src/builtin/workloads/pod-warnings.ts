import { equalValues, goQuote, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { numberAt, objectAt, objectsAt, stringAt, valueAt } from '../../registry/fields.ts';
import { fractionWarnings } from '../checks.ts';
import { claimSpecWarnings } from '../volumes/claims.ts';

/** Sources of volumes that no kubelet mounts any more, and what Kubernetes says of them. */
const goneVolumes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};
const bytes = ['memory', 'ephemeral-storage'];

/** What is accepted in the spec of a pod and is hardly meant, in the order that Kubernetes tells it. KA-62 */
export function podSpecWarnings(spec: JsonObject, path: string): string[] {
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((field) =>
    objectsAt(spec, field).map((container, index) => ({ container, at: `${path}.${field}[${index}]` })),
  );
  return [
    ...objectsAt(spec, 'topologySpreadConstraints').flatMap((constraint, index) =>
      selectorWarnings(constraint, `${path}.topologySpreadConstraints[${index}]`),
    ),
    ...objectsAt(spec, 'volumes').flatMap((volume, index) => volumeWarnings(volume, `${path}.volumes[${index}]`)),
    ...secondOnes(objectsAt(spec, 'hostAliases'), 'ip').map(
      ({ index, text }) => `${path}.hostAliases[${index}].ip: duplicate ip ${goQuote(text)}`,
    ),
    ...secondOnes(objectsAt(spec, 'imagePullSecrets'), 'name').map(
      ({ index, text }) => `${path}.imagePullSecrets[${index}].name: duplicate name ${goQuote(text)}`,
    ),
    ...objectsAt(spec, 'imagePullSecrets').flatMap((secret, index) =>
      stringAt(secret, 'name') === '' ? [`${path}.imagePullSecrets[${index}].name: invalid empty name ""`] : [],
    ),
    ...bytes.flatMap((name) => fractionWarnings(objectAt(spec, 'overhead'), name, `${path}.overhead`)),
    ...containers.flatMap(({ container, at }) => containerWarnings(container, at)),
    ...portWarnings(containers),
    ...affinityWarnings(objectAt(spec, 'affinity'), `${path}.affinity`),
  ];
}

/** The same of the template of pods at `path`; an update that leaves what is around it says nothing of it. KA-62 */
export function templateWarnings(
  object: JsonObject,
  old: JsonObject | undefined,
  ...path: readonly string[]
): readonly string[] {
  const [content = 'spec'] = path;
  if (old !== undefined && equalValues(objectAt(object, content), objectAt(old, content))) return [];
  return podSpecWarnings(objectAt(object, ...path, 'spec'), [...path, 'spec'].join('.'));
}

function selectorWarnings(term: JsonObject, path: string): string[] {
  return isJsonObject(valueAt(term, 'labelSelector'))
    ? []
    : [`${path}.labelSelector: a null labelSelector results in matching no pod`];
}

function volumeWarnings(volume: JsonObject, path: string): string[] {
  const claim = objectAt(volume, 'ephemeral', 'volumeClaimTemplate', 'spec');
  return [
    ...Object.entries(goneVolumes).flatMap(([field, why]) =>
      valueAt(volume, field) === undefined ? [] : [`${path}.${field}: ${why}`],
    ),
    ...claimSpecWarnings(claim, `${path}.ephemeral.volumeClaimTemplate.spec`),
  ];
}

function containerWarnings(container: JsonObject, path: string): string[] {
  const variables = objectsAt(container, 'env');
  return [
    ...bytes.flatMap((name) =>
      ['limits', 'requests'].flatMap((field) =>
        fractionWarnings(objectAt(container, 'resources', field), name, `${path}.resources.${field}`),
      ),
    ),
    // A variable may add to the one of its name before it.
    ...secondOnes(variables, 'name')
      .filter(({ index, text }) => {
        const { value, valueFrom } = variables[index] ?? {};
        const reference = `$(${text})`;
        return valueFrom !== undefined || value === reference || !String(value ?? '').includes(reference);
      })
      .map(
        ({ index, text }) =>
          `${path}.env[${index}]: hides previous definition of ${goQuote(text)}, which may be dropped when using apply`,
      ),
  ];
}

interface Port {
  readonly port: JsonObject;
  readonly at: string;
}

function portWarnings(containers: readonly { container: JsonObject; at: string }[]): string[] {
  const ports = containers.flatMap(({ container, at }) =>
    objectsAt(container, 'ports').map((port, index): Port => ({ port, at: `${at}.ports[${index}]` })),
  );
  const named = new Map<string, string>();
  return [
    ...ports.flatMap((one, index) => [
      ...(stringAt(one.port, 'hostIP') !== '' && hostPort(one) === 0 ? [`${one.at}: hostIP set without hostPort`] : []),
      ...ports.slice(0, index).flatMap((other) => overlap(one, other)),
    ]),
    ...ports.flatMap(({ port, at }) => {
      const name = stringAt(port, 'name');
      const other = named.get(name);
      if (name !== '' && other === undefined) named.set(name, at);
      return other === undefined
        ? []
        : [
            `${at}: duplicate port name ${goQuote(name)} with ${other}, services and probes that select ports by name will use ${other}`,
          ];
    }),
  ];
}

const hostPort = ({ port }: Port): number => numberAt(port, 'hostPort') ?? 0;

function overlap(one: Port, other: Port): string[] {
  const isSame = ['containerPort', 'protocol'].every((field) => one.port[field] === other.port[field]);
  if (!isSame) return [];
  const [ip, otherIp] = [stringAt(one.port, 'hostIP'), stringAt(other.port, 'hostIP')];
  const [host, otherHost] = [hostPort(one), hostPort(other)];
  if (ip === otherIp && host === otherHost) return [`${one.at}: duplicate port definition with ${other.at}`];
  if (host === 0 || otherHost === 0) return [`${one.at}: overlapping port definition with ${other.at}`];
  return host === otherHost && (ip === '') !== (otherIp === '')
    ? [`${one.at}: dangerously ambiguous port definition with ${other.at}`]
    : [];
}

function affinityWarnings(affinity: JsonObject, path: string): string[] {
  return ['podAffinity', 'podAntiAffinity'].flatMap((field) => [
    ...objectsAt(affinity, field, 'requiredDuringSchedulingIgnoredDuringExecution').flatMap((term, index) =>
      selectorWarnings(term, `${path}.${field}.requiredDuringSchedulingIgnoredDuringExecution[${index}]`),
    ),
    ...objectsAt(affinity, field, 'preferredDuringSchedulingIgnoredDuringExecution').flatMap((term, index) =>
      selectorWarnings(
        objectAt(term, 'podAffinityTerm'),
        `${path}.${field}.preferredDuringSchedulingIgnoredDuringExecution[${index}].podAffinityTerm`,
      ),
    ),
  ]);
}

/** Items whose text occurs before. */
function secondOnes(items: readonly JsonObject[], field: string): { index: number; text: string }[] {
  const texts = items.map((item) => stringAt(item, field));
  return texts.flatMap((text, index) => (texts.indexOf(text) < index ? [{ index, text }] : []));
}
