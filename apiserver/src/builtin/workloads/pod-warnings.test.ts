import type { JsonObject } from '@quarterdeck/machinery';
import { describe, expect, test } from 'vitest';
import { deployments } from './deployments.ts';
import { podSpecWarnings } from './pod-warnings.ts';
import { pods } from './pods.ts';
import { statefulSets } from './stateful-sets.ts';

const container = (rest: JsonObject = {}): JsonObject => ({ name: 'a', image: 'a:1', ...rest });

describe('what is told of pods', () => {
  test.each<{ readonly name: string; readonly spec: JsonObject; readonly want: readonly string[] }>([
    { name: 'nothing of a usual one', spec: { containers: [container({ ports: [{ containerPort: 80 }] })] }, want: [] },
    {
      name: 'fractions of bytes, not of processors',
      spec: {
        overhead: { memory: '1500m', cpu: '100m' },
        initContainers: [container({ resources: { requests: { cpu: '100m', 'ephemeral-storage': '0.5' } } })],
        containers: [container({ resources: { limits: { memory: '1.5Gi' }, requests: { memory: '100m' } } })],
      },
      want: [
        'spec.overhead[memory]: fractional byte value "1500m" is invalid, must be an integer',
        'spec.initContainers[0].resources.requests[ephemeral-storage]: fractional byte value "500m" is invalid, must be an integer',
        'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer',
      ],
    },
    {
      name: 'variables that hide others, not those that add to them',
      spec: {
        containers: [
          container({
            env: [
              ...[
                { name: 'A', value: '1' },
                { name: 'B', value: '1' },
                { name: 'A', value: '2' },
              ],
              ...[
                { name: 'B', value: 'x$(B)' },
                { name: 'B', value: '$(B)' },
              ],
            ],
          }),
        ],
      },
      want: [
        'spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply',
        'spec.containers[0].env[4]: hides previous definition of "B", which may be dropped when using apply',
      ],
    },
    {
      name: 'ports',
      spec: {
        containers: [
          container({ ports: [{ name: 'p', containerPort: 80, hostIP: '1.1.1.1' }] }),
          container({ ports: [{ name: 'p', containerPort: 80, hostPort: 1 }] }),
          container({ ports: [{ containerPort: 80, hostPort: 1, hostIP: '1.1.1.1' }] }),
        ],
      },
      want: [
        'spec.containers[0].ports[0]: hostIP set without hostPort',
        'spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[2].ports[0]: overlapping port definition with spec.containers[0].ports[0]',
        'spec.containers[2].ports[0]: dangerously ambiguous port definition with spec.containers[1].ports[0]',
        'spec.containers[1].ports[0]: duplicate port name "p" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]',
      ],
    },
    {
      name: 'names that occur twice, volumes that are gone, selectors that are none',
      spec: {
        hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }],
        imagePullSecrets: [{ name: 's' }, {}, { name: 's' }],
        volumes: [{ name: 'v', rbd: {} }],
        topologySpreadConstraints: [{ topologyKey: 'k' }, { topologyKey: 'l', labelSelector: {} }],
        affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ podAffinityTerm: {} }] } },
      },
      want: [
        'spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod',
        'spec.volumes[0].rbd: deprecated in v1.28, non-functional in v1.31+',
        'spec.hostAliases[1].ip: duplicate ip "1.1.1.1"',
        'spec.imagePullSecrets[2].name: duplicate name "s"',
        'spec.imagePullSecrets[1].name: invalid empty name ""',
        'spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod',
      ],
    },
  ])('KA-62 $name', ({ spec, want }) => {
    expect(podSpecWarnings(spec, 'spec')).toEqual(want);
  });

  const odd = { containers: [container({ resources: { requests: { memory: '1m' } } })] };
  const web = (spec: JsonObject, labels: JsonObject = {}): JsonObject => ({
    metadata: { labels },
    spec: { template: { spec } },
  });

  test('KA-62 a template is told of when it is new or changed, a pod when it is new', () => {
    const { strategy } = deployments;
    const told = [
      'spec.template.spec.containers[0].resources.requests[memory]: fractional byte value "1m" is invalid, must be an integer',
    ];
    expect(strategy.warnings?.(web(odd))).toEqual(told);
    expect(strategy.warnings?.(web(odd, { a: 'b' }), web(odd))).toEqual([]);
    expect(strategy.warnings?.(web(odd), web({}))).toEqual(told);
    expect(pods.strategy.warnings?.({ spec: odd })).toHaveLength(1);
    expect(pods.strategy.warnings?.({ spec: odd }, { spec: {} })).toEqual([]);
  });

  test('KA-3, KA-62 claims of a new stateful set are judged as claims are', () => {
    const { strategy } = statefulSets;
    const set = { spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '1m' } } } }] } };
    expect(strategy.validateCreate?.(set).map(({ field }) => field)).toEqual([
      'spec.volumeClaimTemplates[0].spec.accessModes',
    ]);
    expect(strategy.warnings?.(set)).toEqual([
      'spec.volumeClaimTemplates[0].spec.resources.requests[storage]: fractional byte value "1m" is invalid, must be an integer',
    ]);
  });
});
