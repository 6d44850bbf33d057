import type { JsonObject } from '@quarterdeck/machinery';

/** The flow schemas and priority levels that Kubernetes 1.35 suggests, and administrators may change. KA-2 */

const groups = (...names: readonly string[]): JsonObject[] => names.map((name) => ({ kind: 'Group', group: { name } }));
const users = (...names: readonly string[]): JsonObject[] => names.map((name) => ({ kind: 'User', user: { name } }));
const everybody = groups('system:unauthenticated', 'system:authenticated');
const systemAccounts: JsonObject = {
  kind: 'ServiceAccount',
  serviceAccount: { name: '*', namespace: 'kube-system' },
};

const resourceRule = (
  verbs: readonly string[],
  apiGroup: string,
  resources: readonly string[],
  clusterScope = false,
) => ({
  verbs: [...verbs],
  apiGroups: [apiGroup],
  resources: [...resources],
  namespaces: ['*'],
  ...(clusterScope ? { clusterScope } : {}),
});
const nonResourceRule = (verb: string, ...nonResourceURLs: readonly string[]): JsonObject => ({
  verbs: [verb],
  nonResourceURLs: [...nonResourceURLs],
});
const everything: JsonObject = {
  resourceRules: [resourceRule(['*'], '*', ['*'], true)],
  nonResourceRules: [nonResourceRule('*', '*')],
};
const leases = 'coordination.k8s.io';

interface Suggestion {
  readonly level: string;
  readonly precedence: number;
  /** What tells the flows of one schema apart; absent: it is one flow. */
  readonly by?: 'ByUser' | 'ByNamespace';
  readonly rule: JsonObject;
}

const schema = ({ level, precedence, by, rule }: Suggestion): JsonObject => ({
  priorityLevelConfiguration: { name: level },
  matchingPrecedence: precedence,
  ...(by === undefined ? {} : { distinguisherMethod: { type: by } }),
  rules: [rule],
});

export const suggestedFlowSchemas: Readonly<Record<string, JsonObject>> = Object.freeze({
  probes: schema({
    level: 'exempt',
    precedence: 2,
    rule: { subjects: everybody, nonResourceRules: [nonResourceRule('get', '/healthz', '/readyz', '/livez')] },
  }),
  'system-leader-election': schema({
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    rule: {
      subjects: [...users('system:kube-controller-manager', 'system:kube-scheduler'), systemAccounts],
      resourceRules: [resourceRule(['get', 'create', 'update'], leases, ['leases'])],
    },
  }),
  'system-node-high': schema({
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    rule: {
      subjects: groups('system:nodes'),
      resourceRules: [
        resourceRule(['*'], '', ['nodes', 'nodes/status'], true),
        resourceRule(['*'], leases, ['leases']),
      ],
    },
  }),
  'system-nodes': schema({
    level: 'system',
    precedence: 500,
    by: 'ByUser',
    rule: { subjects: groups('system:nodes'), ...everything },
  }),
  'kube-controller-manager': schema({
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rule: { subjects: users('system:kube-controller-manager'), ...everything },
  }),
  'kube-scheduler': schema({
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    rule: { subjects: users('system:kube-scheduler'), ...everything },
  }),
  'kube-system-service-accounts': schema({
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    rule: { subjects: [systemAccounts], ...everything },
  }),
  'service-accounts': schema({
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    rule: { subjects: groups('system:serviceaccounts'), ...everything },
  }),
  'global-default': schema({
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    rule: { subjects: everybody, ...everything },
  }),
});

/** @param shares of the server's seats; @param lendable percent of them that others may use while they are free */
const level = (shares: number, lendable: number, queues = 128, handSize = 6): JsonObject => ({
  type: 'Limited',
  limited: {
    nominalConcurrencyShares: shares,
    lendablePercent: lendable,
    limitResponse: { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
  },
});

export const suggestedPriorityLevels: Readonly<Record<string, JsonObject>> = Object.freeze({
  system: level(30, 33, 64),
  'node-high': level(40, 25, 64),
  'leader-election': level(10, 0, 16, 4),
  'workload-high': level(40, 50),
  'workload-low': level(100, 90),
  'global-default': level(20, 50),
});
