import { z } from 'zod';
import { defineKind, type ObjectOf } from '../../kinds/define-kind.ts';
import {
  ageColumn,
  atomicList,
  conditionColumn,
  conditions,
  count,
  dateTime,
  dnsLabel,
  int32,
  listMap,
  setOf,
} from '../../kinds/fields.ts';
import { dnsLabelPattern } from '../../kinds/patterns.ts';
import { taints } from './taint.ts';

const quantities = (description: string) =>
  z.record(z.string(), z.string().max(64)).meta({ maxProperties: 256 }).describe(description);

const property = z
  .object({
    name: z.string().min(1).max(253).describe('Name of the ClusterProperty.'),
    value: z.string().min(1).max(1024).describe('Its value, byte for byte.'),
    lastObservedTime: dateTime()
      .describe('When this value was first seen; not moved while it stays the same.')
      .exactOptional(),
  })
  .describe('One ClusterProperty of the member.');

/** The registration of a member cluster. Its heartbeat is a Lease in its namespace. RG-1 to RG-4, RG-30 */
export const MemberCluster = defineKind({
  group: 'quarterdeck.dev',
  kind: 'MemberCluster',
  plural: 'memberclusters',
  singular: 'membercluster',
  shortNames: ['mc'],
  categories: ['quarterdeck'],
  scope: 'Cluster',
  description:
    'The registration of one member cluster. Its labels are what placements select on; its heartbeat is a Lease in its namespace on the hub.',
  // One DNS label: the name is part of namespace names, label values and identities. MCS-5, MCS-8
  nameRule: { maxLength: 63, pattern: dnsLabelPattern },
  versions: [
    {
      name: 'v1alpha1',
      served: true,
      storage: true,
      subresources: ['status'],
      columns: [
        conditionColumn('Accepted'),
        conditionColumn('Joined'),
        conditionColumn('Available'),
        {
          name: 'Reason',
          type: 'string',
          description: 'Why it is available or not; the message is in the condition.',
          jsonPath: '.status.conditions[?(@.type=="Available")].reason',
        },
        { name: 'Set', type: 'string', jsonPath: '.spec.clusterSet' },
        { name: 'Version', type: 'string', jsonPath: '.status.version.kubernetes' },
        { name: 'Nodes', type: 'integer', jsonPath: '.status.nodes.ready', priority: 1 },
        { name: 'Agent', type: 'string', jsonPath: '.status.agent.version', priority: 1 },
        ageColumn,
      ],
      schema: z.object({
        spec: z
          .object({
            acceptance: z
              .enum(['Pending', 'Accepted', 'Denied'])
              .default('Pending')
              .describe(
                'Whether the cluster may take part. Setting it needs the verb accept on memberclusters. Denied cuts an accepted member off at once.',
              ),
            clusterSet: dnsLabel()
              .default('default')
              .describe(
                'The ClusterSet the cluster belongs to. Setting it needs the verb join on the old and the new set. While there is no set of this name, the cluster stays in the one it was in (status.clusterSet).',
              ),
            taints: taints().describe('Taints, at most one for each key and effect.').exactOptional(),
            deletionPolicy: z
              .enum(['Orphan', 'Delete'])
              .describe(
                'What becomes of everything that Works brought to the cluster when it leaves the fleet, whatever their own policies say. Orphan: it stays. Delete: it goes. Absent: Orphan. RG-40',
              )
              .exactOptional(),
            leaveDeadlineSeconds: int32()
              .min(1)
              .describe(
                'How long a leaving cluster may take, in seconds; then it is removed by force, and what may be left on it is listed. Absent: for ever. RG-41',
              )
              .exactOptional(),
          })
          .prefault({})
          .describe('What the administrators of the hub decided about the cluster.'),
        status: z
          .object({
            namespace: z
              .string()
              .max(63)
              .describe("The member's namespace on the hub, which holds its Lease and its Work. Absent: not made yet.")
              .exactOptional(),
            clusterUID: z
              .string()
              .max(128)
              .describe('Identity of the cluster, the uid of its namespace kube-system, recorded when it first joined.')
              .exactOptional(),
            clusterSet: z
              .string()
              .max(63)
              .describe(
                'The ClusterSet that the cluster is in: the one that spec.clusterSet names, or, while there is none of that name, the one it was in before. Absent: it is in none. PL-21',
              )
              .exactOptional(),
            clusterId: z
              .string()
              .max(63)
              .describe(
                'The id under which the cluster became a member of its ClusterSet. Absent: it is none. Another id is another membership.',
              )
              .exactOptional(),
            conditions: conditions(
              'Observed states: Accepted, Joined, Available, ControlPlaneHealthy, HubLeaseCurrent, InClusterSet, ClockInSync; OneAgent once a second agent was heard of, FollowsHub once the hub came back from a backup, Leaving while it leaves.',
            ).exactOptional(),
            leaveRequestedTime: dateTime()
              .describe('When the member asked to leave the fleet, by `quarterdeck agent leave`. Absent: it did not.')
              .exactOptional(),
            version: z
              .object({
                kubernetes: z
                  .string()
                  .max(128)
                  .describe('Kubernetes version of the member, for example 1.35.4.')
                  .exactOptional(),
              })
              .describe('Versions of what the member runs.')
              .exactOptional(),
            agent: z
              .object({
                version: z.string().max(128).describe('Version of the agent.').exactOptional(),
                identity: z
                  .enum(['Certificate', 'Token'])
                  .describe(
                    'What the agent proves to the hub who it is by: a client certificate, or a token of its service account. Absent: Certificate. RG-7',
                  )
                  .exactOptional(),
                trustedCAs: setOf(z.string().max(128))
                  .max(8)
                  .describe('Key hashes (sha256:...) of the CAs by which the agent knows the hub.')
                  .exactOptional(),
                certificateIssuer: z
                  .string()
                  .max(128)
                  .describe(
                    'Key hash of the CA that issued its certificate. Absent: none of the trusted ones, or it holds a token.',
                  )
                  .exactOptional(),
                certificateExpires: dateTime().describe('When its certificate or token ends.').exactOptional(),
                tunnel: z
                  .boolean()
                  .describe('Whether it carries requests of users of the hub to the API of the member.')
                  .exactOptional(),
                api: z
                  .object({
                    server: z.string().max(2048).describe('URL, `https://host:port`.'),
                    certificateAuthorityData: z
                      .string()
                      .max(65_536)
                      .describe('Base64 of a PEM bundle that it is known by. Absent: by the CAs of the system.')
                      .exactOptional(),
                  })
                  .describe(
                    "Where consumers reach the member's own API, with tokens that its agent makes. Absent: they do not.",
                  )
                  .exactOptional(),
              })
              .describe('The agent that reports for the member.')
              .exactOptional(),
            nodes: z
              .object({
                total: count().describe('All nodes.'),
                ready: count().describe('Nodes that are ready.'),
              })
              .describe('Node counts.')
              .exactOptional(),
            capacity: quantities('Total of each resource over all nodes, as Kubernetes quantities.').exactOptional(),
            allocatable: quantities(
              'What can be given to pods, of each resource, over the ready and schedulable nodes.',
            ).exactOptional(),
            requested: quantities(
              'What the pods on those nodes ask for, of each resource, and `pods`: how many they are. Free is allocatable minus requested. Told on a change of more than 2 %.',
            ).exactOptional(),
            nodeGroups: atomicList(
              z
                .object({
                  count: count().describe('How many nodes.'),
                  free: quantities('What each of them has left, at least.'),
                })
                .describe('Nodes of similar room.'),
            )
              .max(8)
              .describe('Ready and schedulable nodes by room, the roomiest first; for judging whether a copy fits.')
              .exactOptional(),
            capacityObservedTime: dateTime()
              .describe('When requests were last counted. An old one means that free room is not known.')
              .exactOptional(),
            apis: z
              .object({
                kinds: atomicList(z.string().min(1).max(400))
                  .max(2048)
                  .describe('Kinds as group/version/Kind, `/v1/Pod` for the core group.'),
                complete: z
                  .boolean()
                  .describe('False: discovery was partial. A kind that is not listed may still be served.'),
              })
              .describe('Kinds that the API of the member serves.')
              .exactOptional(),
            properties: listMap(property, 'name')
              .max(512)
              .describe('The ClusterProperty objects of the member, as the agent reports them.')
              .exactOptional(),
          })
          .describe('What the hub and the agent last observed.')
          .exactOptional(),
      }),
    },
  ],
});
export type MemberCluster = ObjectOf<typeof MemberCluster>;
export type MemberClusterStatus = NonNullable<MemberCluster['status']>;
export type Taint = NonNullable<MemberCluster['spec']['taints']>[number];
