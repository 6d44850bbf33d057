import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { objectAt, stringAt } from '../../registry/fields.ts';
import { withAbsent, withEach, withPart } from '../defaults.ts';

/** What Kubernetes fills into the spec of a pod, or of a pod template, beyond what the schema says. KA-99 */
function completePodSpec(spec: JsonObject): JsonObject {
  const account = stringAt(spec, 'serviceAccountName') || stringAt(spec, 'serviceAccount');
  const filled: JsonObject = {
    ...withAbsent(spec, {
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
      securityContext: {},
      terminationGracePeriodSeconds: 30,
    }),
    ...(account === '' ? {} : { serviceAccountName: account, serviceAccount: account }),
  };
  const withContainers = withEach(
    withEach(filled, 'containers', completeContainer),
    'initContainers',
    completeContainer,
  );
  const all = withEach(withEach(withContainers, 'ephemeralContainers', completeContainer), 'volumes', completeVolume);
  return spec.hostNetwork === true ? withEach(withEach(all, 'containers', onHost), 'initContainers', onHost) : all;
}

function completeContainer(container: JsonObject): JsonObject {
  const filled = withAbsent(container, {
    imagePullPolicy: isLatest(stringAt(container, 'image')) ? 'Always' : 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
  });
  const withPorts = withEach(filled, 'ports', (port) => withAbsent(port, { protocol: 'TCP' }));
  const withEnv = withEach(withPorts, 'env', completeVariable);
  const probed = ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (object, field) => withPart(object, field, completeProbe),
    withEnv,
  );
  const hooked = withPart(probed, 'lifecycle', (hooks) =>
    withPart(withPart(hooks, 'postStart', completeHandler), 'preStop', completeHandler),
  );
  return withPart(hooked, 'securityContext', (context) =>
    context.procMount === undefined || context.procMount !== '' ? context : { ...context, procMount: 'Default' },
  );
}

const completeVariable = (variable: JsonObject): JsonObject => withPart(variable, 'valueFrom', completeReferences);

const completeReferences = (holder: JsonObject): JsonObject =>
  withPart(holder, 'fieldRef', (reference) => withAbsent(reference, { apiVersion: 'v1' }));

function completeProbe(probe: JsonObject): JsonObject {
  const counts = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  const missing = Object.entries(counts).filter(([field]) => (probe[field] ?? 0) === 0);
  const counted = missing.length === 0 ? probe : { ...probe, ...Object.fromEntries(missing) };
  return withPart(completeHandler(counted), 'grpc', (grpc) => withAbsent(grpc, { service: '' }));
}

const completeHandler = (handler: JsonObject): JsonObject =>
  withPart(handler, 'httpGet', (get) => withAbsent(get, { path: '/', scheme: 'HTTP' }));

const onHost = (container: JsonObject): JsonObject =>
  withEach(container, 'ports', (port) =>
    (port.hostPort ?? 0) === 0 && port.containerPort !== undefined ? { ...port, hostPort: port.containerPort } : port,
  );

/** Permissions of files that are made of objects: rw-r--r--. */
const fileMode = { defaultMode: 0o644 };

function completeVolume(volume: JsonObject): JsonObject {
  const sources = Object.keys(volume).filter((field) => field !== 'name');
  if (sources.length === 0) return { ...volume, emptyDir: {} };
  const withFiles = ['secret', 'configMap', 'downwardAPI', 'projected'].reduce(
    (object, field) => withPart(object, field, (source) => completeFiles(withAbsent(source, fileMode))),
    volume,
  );
  const withHost = withPart(withFiles, 'hostPath', (source) => ({ ...source, type: source.type ?? '' }));
  const withImage = withPart(withHost, 'image', (source) =>
    withAbsent(source, { pullPolicy: isLatest(stringAt(source, 'reference')) ? 'Always' : 'IfNotPresent' }),
  );
  return withPart(withImage, 'ephemeral', (source) =>
    withPart(source, 'volumeClaimTemplate', (template) =>
      withPart(template, 'spec', (spec) => withAbsent(spec, { volumeMode: 'Filesystem' })),
    ),
  );
}

const completeFiles = (source: JsonObject): JsonObject =>
  withEach(withEach(source, 'items', completeReferences), 'sources', (projection) =>
    withPart(
      withPart(projection, 'serviceAccountToken', (token) => withAbsent(token, { expirationSeconds: 3600 })),
      'downwardAPI',
      completeFiles,
    ),
  );

/** No tag, or `latest`; a digest is never the latest. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const last = image.slice(image.lastIndexOf('/') + 1);
  return !last.includes(':') || last.endsWith(':latest');
}

/** A pod alone, not a template: limits are requests too, and links to services are on. */
export function completePod(pod: JsonObject): JsonObject {
  const spec = completePodSpec(objectAt(pod, 'spec'));
  const linked = withAbsent(spec, { enableServiceLinks: true });
  return { ...pod, spec: withEach(withEach(linked, 'containers', requestLimits), 'initContainers', requestLimits) };
}

function requestLimits(container: JsonObject): JsonObject {
  return withPart(container, 'resources', (resources) => {
    const { limits } = resources;
    if (!isJsonObject(limits) || Object.keys(limits).length === 0) return resources;
    return { ...resources, requests: { ...limits, ...objectAt(resources, 'requests') } };
  });
}

/** The same for the pods that an object of another kind makes. */
export function completeTemplate(object: JsonObject): JsonObject {
  const spec = objectAt(object, 'spec');
  return { ...object, spec: { ...spec, template: completePodTemplate(objectAt(spec, 'template')) } };
}

export function completePodTemplate(template: JsonObject): JsonObject {
  return { ...template, metadata: objectAt(template, 'metadata'), spec: completePodSpec(objectAt(template, 'spec')) };
}
