import type { ConfigMap, Namespace, ServiceAccount, Stored } from '@quarterdeck/apis';

export const defaultAccountName = 'default';
export const rootCaName = 'kube-root-ca.crt';
const rootCaKey = 'ca.crt';

export interface Observed {
  readonly namespace: Stored<Namespace>;
  readonly account: Stored<ServiceAccount> | undefined;
  readonly rootCa: Stored<ConfigMap> | undefined;
}

export interface Decision {
  readonly createAccount?: ServiceAccount;
  readonly createRootCa?: ConfigMap;
  readonly updateRootCa?: Stored<ConfigMap>;
}

/** What every active namespace has, made again when deleted and set right when changed. KA-112 */
export function decide({ namespace, account, rootCa }: Observed, caBundle: string): Decision {
  const { name, deletionTimestamp } = namespace.metadata;
  if (deletionTimestamp !== undefined) return {};
  const data = { [rootCaKey]: caBundle };
  const isRight = rootCa?.data?.[rootCaKey] === caBundle && Object.keys(rootCa.data).length === 1;
  return {
    ...(account === undefined
      ? {
          createAccount: {
            apiVersion: 'v1',
            kind: 'ServiceAccount',
            metadata: { name: defaultAccountName, namespace: name },
          },
        }
      : {}),
    ...(rootCa === undefined
      ? { createRootCa: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: rootCaName, namespace: name }, data } }
      : {}),
    ...(rootCa === undefined || isRight ? {} : { updateRootCa: { ...rootCa, data } }),
  };
}
