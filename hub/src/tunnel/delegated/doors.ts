/** One action that the Kubernetes hub is asked about. */
export interface Door {
  /** `memberclusters` or `placements`, of the group quarterdeck.dev. */
  readonly resource: 'memberclusters' | 'placements';
  readonly subresource: 'proxy' | 'tunnel' | 'token' | 'explanation';
  /** Empty: cluster-scoped. */
  readonly namespace: string;
  readonly name: string;
  /** What follows the subresource in the path; empty for doors that have nothing behind them. */
  readonly rest: string;
}

const root = '/apis/quarterdeck\\.dev/v1alpha1';
const memberPath = new RegExp(
  `^${root}/memberclusters/(?<name>[a-z0-9-]+)/(?<subresource>proxy|tunnel|token)(?<rest>/.*)?$`,
);
const placementPath = new RegExp(
  `^${root}/namespaces/(?<namespace>[a-z0-9-]+)/placements/(?<name>[a-z0-9.-]+)/explanation$`,
);

/** The same paths as on our own hub: what follows `proxy` is the member's. Undefined: nothing is served there. RG-53 */
export function doorOf(path: string): Door | undefined {
  const member = memberPath.exec(path)?.groups;
  if (member !== undefined) {
    const { name = '', subresource, rest = '' } = member;
    if (rest !== '' && subresource !== 'proxy') return undefined;
    return {
      resource: 'memberclusters',
      subresource: subresource as 'proxy' | 'tunnel' | 'token',
      namespace: '',
      name,
      rest,
    };
  }
  const { namespace, name } = placementPath.exec(path)?.groups ?? {};
  if (namespace === undefined || name === undefined) return undefined;
  return { resource: 'placements', subresource: 'explanation', namespace, name, rest: '' };
}

const methods: Readonly<Record<Door['subresource'], Readonly<Record<string, string>>>> = {
  proxy: { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
  tunnel: { POST: 'create' },
  token: { POST: 'create' },
  explanation: { GET: 'get' },
};

/** The verb that the right is asked for by; undefined: the method is not possible there. */
export const verbOf = ({ subresource }: Door, method: string): string | undefined => methods[subresource][method];
