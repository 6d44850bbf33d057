import { formatTime, isAlreadyExists, type Node, type ResourceList } from '@quarterdeck/apis';
import type { Client, EpochMs } from '@quarterdeck/machinery';
import { fieldManagers } from '../../engine/status.ts';
import { Node as NodeType } from '../../kinds.ts';
import type { MemberShape } from '../../options.ts';
import { simulatedLabels, simulatedVersion } from '../../simulated.ts';
import { nodeAddress } from '../kubelet/decide.ts';

export interface NodeOptions {
  readonly memberName: string;
  readonly shape: Pick<MemberShape, 'nodes' | 'capacity' | 'nodeLabels'>;
  readonly client: Client;
  readonly now: EpochMs;
  readonly signal: AbortSignal;
}

/** Registers the nodes of a member; those that are there already stay as they are. */
export async function registerNodes({ memberName, shape, client, now, signal }: NodeOptions): Promise<void> {
  const options = { fieldManager: fieldManagers.kubelet, signal };
  for (let index = 1; index <= shape.nodes; index++) {
    const node = nodeObject(`${memberName}-node-${index}`, shape.nodeLabels);
    try {
      const created = await client.create(NodeType, node, options);
      const status = nodeStatus(node.metadata.name ?? '', shape.capacity, now);
      await client.update(NodeType, { ...created, status }, { ...options, subresource: 'status' });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }
}

function nodeObject(name: string, labels: Readonly<Record<string, string>>): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...simulatedLabels,
        ...labels,
      },
    },
  };
}

function nodeStatus(name: string, capacity: ResourceList, now: EpochMs): NonNullable<Node['status']> {
  const at = formatTime(now);
  const condition = (type: string, holds: boolean, reason: string) => ({
    type,
    status: holds ? ('True' as const) : ('False' as const),
    reason,
    message: 'simulated: no containers run here',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  });
  return {
    capacity,
    allocatable: capacity,
    conditions: [
      condition('MemoryPressure', false, 'KubeletHasSufficientMemory'),
      condition('DiskPressure', false, 'KubeletHasNoDiskPressure'),
      condition('PIDPressure', false, 'KubeletHasSufficientPID'),
      condition('Ready', true, 'KubeletReady'),
    ],
    addresses: [
      { type: 'InternalIP', address: nodeAddress(name) },
      { type: 'Hostname', address: name },
    ],
    nodeInfo: {
      architecture: 'amd64',
      operatingSystem: 'linux',
      osImage: 'simulated',
      kernelVersion: 'simulated',
      containerRuntimeVersion: 'simulated://1.0.0',
      kubeletVersion: simulatedVersion.gitVersion,
      kubeProxyVersion: '',
      machineID: '',
      systemUUID: '',
      bootID: '',
    },
  };
}
