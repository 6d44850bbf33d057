import type { MessageTexts } from './text.ts';

/** core/v1, events.k8s.io/v1 and coordination.k8s.io/v1. */
export const coreTexts: MessageTexts = {
  'core.v1.ConfigMap': {
    binaryData: 'Data that is not text, in base64. A key may not stand in data as well.',
    data: 'Text data by key. Keys consist of letters, digits, "-", "_" and ".".',
    immutable: 'When true, the data can never be changed again. False when absent.',
  },
  'core.v1.Event': {
    action: 'What was done or failed, as one word in CamelCase.',
    count: 'How often this happened.',
    eventTime: 'When it was first seen, in microseconds.',
    firstTimestamp: 'When it was first seen, in seconds.',
    involvedObject: 'The object that this is about.',
    lastTimestamp: 'When it was last seen, in seconds.',
    message: 'What happened, for people to read.',
    reason: 'Why it happened, as one word in CamelCase for programs to recognise.',
    related: 'A second object that has to do with it.',
    reportingComponent: 'The name of the controller that reports it, such as "example.com/controller".',
    reportingInstance: 'Which instance of that controller.',
    series: 'That it keeps happening: how often, and until when. Absent for a single occurrence.',
    source: 'The component that reports it, in the older form.',
    type: '"Normal" or "Warning".',
  },
  'core.v1.EventSeries': {
    count: 'How often it happened in this series so far.',
    lastObservedTime: 'When it was last seen.',
  },
  'core.v1.EventSource': {
    component: 'The component that reports the event.',
    host: 'The node that the component runs on.',
  },
  'core.v1.LocalObjectReference': {
    name: 'The name of the object.',
  },
  'core.v1.Namespace': {
    spec: 'What is wanted of the namespace.',
    status: 'What state the namespace is in. Set by the server.',
  },
  'core.v1.NamespaceCondition': {
    lastTransitionTime: 'When the status last changed.',
    message: 'The details, for people to read.',
    reason: 'Why, as one word in CamelCase.',
    status: '"True", "False" or "Unknown".',
    type: 'What is judged, for example "NamespaceContentRemaining".',
  },
  'core.v1.NamespaceSpec': {
    finalizers: 'Who must act before the namespace may go. Changed only through the finalize subresource.',
  },
  'core.v1.NamespaceStatus': {
    conditions: 'What is known about the state, most of all what holds up a deletion.',
    phase: '"Active", or "Terminating" while it is being emptied and deleted.',
  },
  'core.v1.ObjectReference': {
    '': 'Points at another object.',
    apiVersion: 'The API version of the object.',
    fieldPath: 'A part of the object, such as "spec.containers{web}". Absent for the whole.',
    kind: 'The kind of the object.',
    name: 'The name of the object.',
    namespace: 'The namespace of the object.',
    resourceVersion: 'The state of the object that is meant.',
    uid: 'The uid of the object.',
  },
  'core.v1.Secret': {
    data: 'The data by key, in base64. Keys consist of letters, digits, "-", "_" and ".".',
    immutable: 'When true, the data can never be changed again. False when absent.',
    stringData: 'Data as plain text, for convenience: it is added to data when written and never read back.',
    type: 'What the data is for, which some types check. "Opaque" when absent; it cannot be changed.',
  },
  'core.v1.ServiceAccount': {
    automountServiceAccountToken: 'Whether pods get a token of this account mounted. A pod may say otherwise.',
    imagePullSecrets: 'Secrets with credentials for image registries, for pods that use this account.',
    secrets: 'Secrets that pods with this account may use.',
  },
  'events.v1.Event': {
    action: 'What was done or failed, as one word in CamelCase.',
    deprecatedCount: 'How often this happened, in the older form.',
    deprecatedFirstTimestamp: 'When it was first seen, in the older form.',
    deprecatedLastTimestamp: 'When it was last seen, in the older form.',
    deprecatedSource: 'The component that reports it, in the older form.',
    eventTime: 'When it was first seen.',
    note: 'What happened, for people to read. At most 1 KiB.',
    reason: 'Why it happened, as one word in CamelCase for programs to recognise.',
    regarding: 'The object that this is about.',
    related: 'A second object that has to do with it.',
    reportingController: 'The name of the controller that reports it, such as "example.com/controller".',
    reportingInstance: 'Which instance of that controller.',
    series: 'That it keeps happening: how often, and until when. Absent for a single occurrence.',
    type: '"Normal" or "Warning".',
  },
  'events.v1.EventSeries': {
    count: 'How often it happened in this series so far.',
    lastObservedTime: 'When it was last seen.',
  },
  'coordination.v1.Lease': {
    spec: 'Who holds the lease, since when and for how long.',
  },
  'coordination.v1.LeaseSpec': {
    acquireTime: 'When the present holder got the lease.',
    holderIdentity: 'Who holds the lease. Absent or empty when nobody does.',
    leaseDurationSeconds: 'How many seconds after renewTime others must wait before they may take the lease.',
    leaseTransitions: 'How often the lease has changed hands.',
    preferredHolder: 'Who should have the lease next; the present holder ought to give it up. Needs a strategy.',
    renewTime: 'When the present holder last renewed the lease.',
    strategy:
      'How the holder is chosen where an election is coordinated. Absent where holders decide among themselves.',
  },
};
