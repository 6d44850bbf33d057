import { type Condition, type Namespace, type Stored, setCondition } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';

/** What is left of a terminating namespace after its content was told to go. */
export interface Observed {
  readonly namespace: Stored<Namespace>;
  /** Resources that still hold objects there, with their count; by name. */
  readonly remaining: readonly { readonly resource: string; readonly count: number }[];
  /** Finalizers that hold them, with the number of objects; by name. */
  readonly finalizers: readonly { readonly name: string; readonly count: number }[];
  /** Resources that hold objects and that no request reaches: their kind is not served. */
  readonly unserved: readonly string[];
  /** What went wrong while deleting, one line each. */
  readonly failures: readonly string[];
}

export type Decision =
  /** Empty: the server's finalizer goes, and with it the namespace. */
  | { readonly type: 'finalize'; readonly namespace: Stored<Namespace> }
  /** Not yet; `namespace` is undefined when its status says so already. */
  | { readonly type: 'wait'; readonly namespace: Stored<Namespace> | undefined };

const serverFinalizer = 'kubernetes';

const NamespaceReason = {
  ResourcesDiscovered: 'ResourcesDiscovered',
  DiscoveryFailed: 'DiscoveryFailed',
  ParsedGroupVersions: 'ParsedGroupVersions',
  ContentDeleted: 'ContentDeleted',
  ContentDeletionFailed: 'ContentDeletionFailed',
  ContentRemoved: 'ContentRemoved',
  SomeResourcesRemain: 'SomeResourcesRemain',
  ContentHasNoFinalizers: 'ContentHasNoFinalizers',
  SomeFinalizersRemain: 'SomeFinalizersRemain',
} as const;

/** Whether the namespace is on its way out and this server still holds it. */
export function isWaiting({ metadata, spec }: Stored<Namespace>): boolean {
  return metadata.deletionTimestamp !== undefined && (spec?.finalizers ?? []).includes(serverFinalizer);
}

/** KA-111 */
export function decide(seen: Observed, now: EpochMs): Decision {
  const { namespace, remaining, failures } = seen;
  if (remaining.length === 0 && failures.length === 0) {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((name) => name !== serverFinalizer);
    return { type: 'finalize', namespace: { ...namespace, spec: { ...namespace.spec, finalizers } } };
  }
  const old = namespace.status?.conditions;
  const conditions = conditionsOf(seen).reduce<Condition[] | undefined>(
    (list, condition) => setCondition(list, condition, now),
    old,
  );
  const isSame = conditions === old && namespace.status?.phase === 'Terminating';
  const status = { ...namespace.status, phase: 'Terminating' as const, ...(conditions ? { conditions } : {}) };
  return { type: 'wait', namespace: isSame ? undefined : { ...namespace, status } };
}

type Fact = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Each condition says what is wrong: True is bad. */
function conditionsOf({ remaining, finalizers, unserved, failures }: Observed): Fact[] {
  const remains = remaining.map(({ resource, count }) => `${resource} has ${count} resource instances`);
  const holds = finalizers.map(({ name, count }) => `${name} in ${count} resource instances`);
  return [
    fact('NamespaceDeletionDiscoveryFailure', unserved, {
      bad: [NamespaceReason.DiscoveryFailed, `Kinds that are not served hold objects here: ${unserved.join(', ')}`],
      good: [NamespaceReason.ResourcesDiscovered, 'All resources successfully discovered'],
    }),
    fact('NamespaceDeletionGroupVersionParsingFailure', [], {
      bad: [NamespaceReason.ParsedGroupVersions, ''],
      good: [NamespaceReason.ParsedGroupVersions, 'All legacy kube types successfully parsed'],
    }),
    fact('NamespaceDeletionContentFailure', failures, {
      bad: [NamespaceReason.ContentDeletionFailed, `Failed to delete all resource types, ${failures.join('; ')}`],
      good: [NamespaceReason.ContentDeleted, 'All content successfully deleted, may be waiting on finalization'],
    }),
    fact('NamespaceContentRemaining', remains, {
      bad: [NamespaceReason.SomeResourcesRemain, `Some resources are remaining: ${remains.join(', ')}`],
      good: [NamespaceReason.ContentRemoved, 'All content successfully removed'],
    }),
    fact('NamespaceFinalizersRemaining', holds, {
      bad: [
        NamespaceReason.SomeFinalizersRemain,
        `Some content in the namespace has finalizers remaining: ${holds.join(', ')}`,
      ],
      good: [NamespaceReason.ContentHasNoFinalizers, 'All content-preserving finalizers finished'],
    }),
  ];
}

function fact(
  type: string,
  found: readonly string[],
  words: { bad: readonly [string, string]; good: readonly [string, string] },
): Fact {
  const isBad = found.length > 0;
  const [reason, message] = isBad ? words.bad : words.good;
  return { type, status: isBad ? 'True' : 'False', reason, message };
}
