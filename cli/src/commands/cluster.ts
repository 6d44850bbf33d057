import type { MemberCluster, Stored } from '@quarterdeck/apis';
import { Command } from 'commander';
import { openHub, withHub } from '../hub-client.ts';
import { fail } from '../output.ts';

/** Verbs of an operator on one member cluster: `accept`, `deny`, `cordon`, `uncordon`. */
export function clusterCommands(): Command[] {
  return [
    verb('accept', 'Let a cluster that asked to join take part.', () => ({ spec: { acceptance: 'Accepted' } })),
    verb('deny', 'Cut a cluster off at once, or refuse one that asked to join. Nothing on it is deleted.', () => ({
      spec: { acceptance: 'Denied' },
    })),
    verb('cordon', 'No placement chooses the cluster from now on. What runs there stays.', (member, taintKey) => ({
      metadata: { resourceVersion: member.metadata.resourceVersion },
      spec: { taints: [...othersThan(member, taintKey), { key: taintKey, effect: 'NoSchedule' }] },
    })),
    verb('uncordon', 'Placements may choose the cluster again.', (member, taintKey) => ({
      metadata: { resourceVersion: member.metadata.resourceVersion },
      spec: { taints: othersThan(member, taintKey) },
    })),
  ];
}

const maxAttempts = 5;

const done: Readonly<Record<string, string>> = {
  accept: 'accepted',
  deny: 'denied',
  cordon: 'cordoned',
  uncordon: 'uncordoned',
};

/** @param change a merge patch for the member; `taintKey` is that of the cordon */
function verb(name: string, description: string, change: (member: Stored<MemberCluster>, taintKey: string) => object) {
  const run = async (clusterName: string, kubeconfig: string) => {
    const { ignoreNotFound, isConflict, MemberCluster: kind, taintKey } = await import('@quarterdeck/apis');
    await using client = (await openHub(kubeconfig)).client;
    for (let attempt = 1; ; attempt++) {
      const member = await ignoreNotFound(client.get(kind, { name: clusterName }));
      if (member === undefined) {
        throw new Error(`there is no MemberCluster ${clusterName}: kubectl get memberclusters shows those there are`);
      }
      const body = change(member, taintKey.cordoned);
      try {
        await client.patch(kind, { name: clusterName }, { type: 'merge', body }, { fieldManager: 'quarterdeck-cli' });
        break;
      } catch (error) {
        // The hub writes to it too, when a person has just done so.
        if (!isConflict(error) || attempt === maxAttempts) throw error;
      }
    }
    process.stdout.write(`membercluster ${clusterName} is ${done[name]}\n`);
  };
  return withHub(new Command(name))
    .description(description)
    .argument('<cluster>', 'name of the MemberCluster')
    .action((clusterName: string, { kubeconfig }: { kubeconfig: string }) => run(clusterName, kubeconfig).catch(fail));
}

const othersThan = ({ spec }: MemberCluster, key: string) =>
  (spec.taints ?? []).filter((taint) => taint.key !== key || taint.effect !== 'NoSchedule');
