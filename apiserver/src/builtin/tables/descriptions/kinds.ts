/** What each kind is for, by `group/version Kind` (core has an empty group). Explained by kubectl as the first lines. */
export const kindTexts: Readonly<Record<string, string>> = {
  'any/ DeleteOptions': 'How an object is to be deleted; the body of a delete request.',
  'any/ WatchEvent': 'One change, as a watch stream reports it.',
  '/v1 ConfigMap': 'Configuration data for programs, as texts and bytes under keys. Not for secrets.',
  '/v1 Endpoints': 'The addresses behind a Service, all in one object. EndpointSlice is its successor.',
  '/v1 Event':
    'Something that happened to an object, told to people. Events are kept for a short time only and nothing should depend on them.',
  '/v1 Namespace': 'A scope for names, rights and quotas. Deleting it deletes everything in it.',
  '/v1 Node': 'A machine that runs pods.',
  '/v1 Pod': 'A group of containers that run together on one node and share its network address and volumes.',
  '/v1 Secret': 'Confidential data, as bytes under keys. Who may read it is up to RBAC.',
  '/v1 Service': 'A stable name and address in front of a changing set of pods.',
  '/v1 ServiceAccount': 'An identity for programs, as opposed to people. Tokens are issued for it on request.',
  '/v1 Status': 'The outcome of a request that has no object to return.',
  'events.k8s.io/v1 Event':
    'Something that happened to an object, told to people. The same objects as the core Event, under newer field names.',
  'coordination.k8s.io/v1 Lease':
    'Something that one holder at a time holds and keeps renewing: leadership, or the proof of being alive.',
  'rbac.authorization.k8s.io/v1 ClusterRole':
    'A set of rights, to be granted in one namespace by a RoleBinding or everywhere by a ClusterRoleBinding.',
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding':
    'Grants the rights of a ClusterRole to subjects, in all namespaces.',
  'rbac.authorization.k8s.io/v1 Role': 'A set of rights within its own namespace.',
  'rbac.authorization.k8s.io/v1 RoleBinding':
    'Grants the rights of a Role, or of a ClusterRole, to subjects, within its own namespace.',
  'authentication.k8s.io/v1 SelfSubjectReview': 'Asks who the caller is. Create it empty; the answer is in its status.',
  'authentication.k8s.io/v1 TokenRequest':
    'Asks for a token of a service account. The token is in the status of the answer.',
  'authentication.k8s.io/v1 TokenReview': 'Asks whose a bearer token is. The answer is in its status.',
  'authorization.k8s.io/v1 LocalSubjectAccessReview':
    'Asks whether somebody may do something in one namespace. The answer is in its status.',
  'authorization.k8s.io/v1 SelfSubjectAccessReview':
    'Asks whether the caller may do something. The answer is in its status.',
  'authorization.k8s.io/v1 SelfSubjectRulesReview':
    'Asks for everything the caller may do in a namespace. The answer is in its status, and may be incomplete.',
  'authorization.k8s.io/v1 SubjectAccessReview': 'Asks whether somebody may do something. The answer is in its status.',
  'certificates.k8s.io/v1 CertificateSigningRequest':
    'Asks a signer for a certificate. It must be approved; the certificate then appears in its status.',
  'admissionregistration.k8s.io/v1 MutatingWebhookConfiguration':
    'Webhooks that may change objects before they are stored.',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy':
    'Rules in CEL that objects must fulfil to be stored. They take effect where a binding names the policy.',
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding':
    'Puts a ValidatingAdmissionPolicy into effect, for some objects and with some parameters.',
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration':
    'Webhooks that may refuse objects before they are stored.',
  'apiextensions.k8s.io/v1 CustomResourceDefinition':
    'Adds a kind to the API. Its name must be the plural and the group, joined by a dot.',
  'apiregistration.k8s.io/v1 APIService': 'Says which server answers for one version of an API group.',
  'apps/v1 DaemonSet': 'Runs one pod on every node, or on every node of a selection.',
  'apps/v1 Deployment': 'Keeps a number of equal pods running, and rolls out changes of them step by step.',
  'apps/v1 ReplicaSet': 'Keeps a number of equal pods running. Usually made by a Deployment.',
  'apps/v1 StatefulSet': 'Keeps a number of pods running that each have a lasting name and storage of their own.',
  'autoscaling/v1 Scale': 'The number of replicas of another object, read and set through its scale subresource.',
  'batch/v1 Job': 'Runs pods until a number of them have succeeded.',
  'discovery.k8s.io/v1 EndpointSlice': 'Some of the addresses behind a Service.',
  '/v1 Binding': 'Puts a pod onto a node. Posted to the binding subresource of the pod.',
  '/v1 ComponentStatus': 'The health of a part of the control plane, in a form that is no longer kept.',
  '/v1 LimitRange': 'Bounds and defaults for what pods, containers and volume claims of a namespace may ask for.',
  '/v1 PersistentVolume': 'A piece of storage of the cluster, independent of the pods that use it.',
  '/v1 PersistentVolumeClaim': 'Asks for a persistent volume, and holds it.',
  '/v1 PodTemplate': 'A template for pods, kept as an object of its own.',
  '/v1 ReplicationController': 'Keeps a number of equal pods running. ReplicaSet and Deployment are its successors.',
  '/v1 ResourceQuota': 'Bounds how many objects and resources a namespace may use in all.',
  'apps/v1 ControllerRevision': 'One past or present state of a StatefulSet or DaemonSet, kept to go back to.',
  'autoscaling/v1 HorizontalPodAutoscaler': 'Sets the replicas of another object by the load of its processors.',
  'autoscaling/v2 HorizontalPodAutoscaler':
    'Sets the replicas of another object by metrics of its pods or of anything else.',
  'batch/v1 CronJob': 'Makes Jobs at the times of a schedule.',
  'flowcontrol.apiserver.k8s.io/v1 FlowSchema':
    'Says which requests belong together, and which priority level serves them.',
  'flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration':
    'A share of what the server can do at once, and what becomes of requests beyond it.',
  'networking.k8s.io/v1 IPAddress': 'An address of a Service network, and the object that holds it.',
  'networking.k8s.io/v1 Ingress': 'Routes requests from outside to Services, by host and path.',
  'networking.k8s.io/v1 IngressClass': 'A controller of Ingresses, with its parameters.',
  'networking.k8s.io/v1 NetworkPolicy': 'Says which connections some pods of its namespace may take and make.',
  'networking.k8s.io/v1 ServiceCIDR': 'A range that the addresses of Services come from.',
  'node.k8s.io/v1 RuntimeClass': 'A way to run containers that pods can ask for by name.',
  'policy/v1 Eviction': 'Asks for a pod to be removed, unless a PodDisruptionBudget stands against it.',
  'policy/v1 PodDisruptionBudget': 'How many pods of an application may be down at once by intention.',
  'scheduling.k8s.io/v1 PriorityClass': 'A name for how important pods are.',
  'storage.k8s.io/v1 CSIDriver': 'A driver for storage, and what the cluster must know to use it.',
  'storage.k8s.io/v1 CSINode': 'The storage drivers that run on a node.',
  'storage.k8s.io/v1 CSIStorageCapacity': 'How much storage of one class is to be had in one part of the cluster.',
  'storage.k8s.io/v1 StorageClass': 'A kind of storage that claims can ask for by name, and who provides it.',
  'storage.k8s.io/v1 VolumeAttachment': 'Asks for a volume to be attached to a node.',
  'storage.k8s.io/v1 VolumeAttributesClass': 'Properties of a volume that can be changed while it exists.',
};
