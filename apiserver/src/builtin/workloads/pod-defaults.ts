import { isJsonObject, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import { listAt, objectAt, stringAt, valueAt } from '../../registry/fields.ts';

/** Fills in what is absent; what is there stays. */
export function withAbsent(object: JsonObject, defaults: JsonObject): JsonObject {
  return { ...defaults, ...object };
}

/** What Kubernetes fills into a pod's spec beyond what the schema says. KA-44 */
export function completePodSpec(spec: JsonObject): JsonObject {
  const completed = withAbsent(spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  });
  const account = stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount');
  return {
    ...completed,
    ...(account === '' ? {} : { serviceAccountName: account, serviceAccount: account }),
    ...eachContainer(completed, 'containers'),
    ...eachContainer(completed, 'initContainers'),
  };
}

function eachContainer(spec: JsonObject, field: string): JsonObject {
  if (valueAt(spec, field) === undefined) return {};
  return { [field]: listAt(spec, field).map(completeContainer) };
}

function completeContainer(container: JsonValue): JsonValue {
  if (!isJsonObject(container)) return container;
  return {
    ...withAbsent(container, {
      imagePullPolicy: isLatest(stringAt(container, 'image')) ? 'Always' : 'IfNotPresent',
      resources: {},
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
    }),
    ...(valueAt(container, 'ports') === undefined ? {} : { ports: listAt(container, 'ports').map(completePort) }),
  };
}

const completePort = (port: JsonValue): JsonValue =>
  isJsonObject(port) ? withAbsent(port, { protocol: 'TCP' }) : port;

/** No tag, or `latest`; a digest is never the latest. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') || last.endsWith(':latest');
}

/** The same for the pods that an object of another kind makes. */
export function completeTemplate(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  const template = objectAt(spec, 'template');
  const completed = {
    ...template,
    metadata: objectAt(template, 'metadata'),
    spec: completePodSpec(objectAt(template, 'spec')),
  };
  return { ...object, spec: { ...spec, template: completed } };
}
