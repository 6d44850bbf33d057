import { begin, end, line, only, type Scenario, sending, silently } from '../line.ts';
import { configMap } from './objects.ts';

const login = '--kubeconfig=/dev/null --server={server} --insecure-skip-tls-verify --token={token}';
const bot = 'system:serviceaccount:{ns}:bot';

/** A request for a client certificate of `CN=table,O=readers`; its key was thrown away. */
const request = {
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  spec: {
    request: [
      'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIZU1JR0VBZ0VBTUNJeEVEQU9CZ05WQkFvTUIzSmxZV1JsY25N',
      'eERqQU1CZ05WQkFNTUJYUmhZbXhsTUZrdwpFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRUhtY3o2TmxnZ3ZOeithdEpv',
      'Uk9CQkRUQjFKVVJjaENPClg0OCs4d241cnVIdGZFZHF6MnorNWUxZHBFZHZ2R2c0UjBlL21BUGJmeklHL0FCYTV2VTFUNkFBTUFv',
      'R0NDcUcKU000OUJBTUNBMGtBTUVZQ0lRQ29yTnlBbk1IZDVXWmhXVXpmSVNTTk9ya2gwRUZZT2I2aWVUbmtkMjVmYndJaApBUC9k',
      'alY4K0RMSUhJNjV0T0NYcFZjWThJOUpNZUd1a283VnJSejBFM0hGYQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K',
    ].join(''),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
  },
};

/** Secrets, accounts, tokens, roles, certificates, quota, policies: lines 56 to 72 and 76. */
export const access: readonly Scenario[] = [
  {
    name: 'secrets',
    everyVersion: true,
    lines: [
      line('create secret generic s --from-literal=a=b'),
      line('get secret s -o jsonpath={.data.a}'),
      line('get secret s'),
      line('describe secret s'),
      line('create secret docker-registry r --docker-server=example.com --docker-username=u --docker-password=p'),
      line('get secret r -o jsonpath={.type}'),
      line('create secret generic s --from-literal=a=b'),
      line('create secret generic bad --type=kubernetes.io/tls --from-literal=a=b'),
      line('create configmap c --from-file={dir}/file'),
      line('get cm c -o yaml'),
      line('get secret --field-selector type=kubernetes.io/dockerconfigjson -o name'),
      line('create quota q --hard=count/configmaps=3'),
      line('get quota q', { until: /count\/configmaps: 2\/3/ }),
      line('create configmap third'),
      line('create configmap fourth'),
      line('describe quota q', { until: /3 +3/ }),
    ],
    files: { file: 'one\ntwo\n' },
  },
  {
    name: 'accounts',
    everyVersion: true,
    lines: [
      line('create sa bot'),
      line('get sa bot'),
      line('create token bot --duration=1h', { capture: 'token' }),
      line('create token bot --duration=1s'),
      line('create token bot --audience=x'),
      line('create token nobody'),
      line(`auth whoami -o jsonpath={.status.userInfo.username} ${login}`),
      line(`auth whoami ${login}`, { view: only(/Username|Groups|Group /) }),
      line(`get cm ${login}`),
      line(`get ns ${login}`),
      line(`create configmap x ${login}`),
      line(`get --raw /metrics ${login}`),
      line('create role reader --verb=get,list --resource=configmaps'),
      line('create rolebinding reader --role=reader --serviceaccount={ns}:bot'),
      line(`get cm kube-root-ca.crt ${login}`, { until: /kube-root/ }),
      line(`auth can-i get cm --as=${bot}`),
      line(`auth can-i delete cm --as=${bot}`),
      line(`auth can-i get cm -A --as=${bot}`),
      line('auth can-i nope cm'),
      line(`auth can-i --list --as=${bot}`, {
        view: (text) =>
          only(/configmaps|selfsubject|^Resources/)(text)
            .split('\n')
            .sort()
            .join('\n'),
      }),
      line('get role,rolebinding'),
      line('describe role reader'),
      line('describe rolebinding reader'),
      line('create role empty --verb=get --resource=nope'),
      line(`get cm --as=nobody`),
      line(`get cm --as=nobody ${login}`),
      line('get cm --kubeconfig=/dev/null --server={server} --insecure-skip-tls-verify --token=wrong'),
      line('get cm kube-root-ca.crt --kubeconfig={dir}/by-file'),
      line('get cm kube-root-ca.crt --kubeconfig={dir}/by-plugin'),
    ],
    files: {
      plugin:
        '#!/bin/sh\nprintf \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"wrong"}}\'\n',
      token: 'wrong',
      'by-file': config('tokenFile: {dir}/token'),
      'by-plugin': config(
        'exec: {apiVersion: client.authentication.k8s.io/v1, command: {dir}/plugin, interactiveMode: Never}',
      ),
    },
  },
  {
    name: 'escalation',
    lines: [
      silently(line('create sa bot')),
      silently(line('create role maker --verb=create,get,list,update,patch --resource=roles,rolebindings')),
      silently(line('create rolebinding maker --role=maker --serviceaccount={ns}:bot')),
      line(`create role more --verb=delete --resource=secrets --as=${bot}`),
      line(
        `create rolebinding more --clusterrole=system:service-account-issuer-discovery --serviceaccount={ns}:bot --as=${bot}`,
      ),
      sending('auth reconcile', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reconciled' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }],
      }),
      sending('auth reconcile', {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: 'reconciled' },
        rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }],
      }),
      line('get role reconciled -o jsonpath={.rules}'),
      line(['patch', 'rolebinding', 'maker', '--type=merge', '-p', '{"roleRef":{"name":"other"}}']),
    ],
  },
  {
    name: 'certificates',
    everyVersion: true,
    lines: [
      sending('create', { ...request, metadata: { name: '{ns}-c' } }),
      line('get csr {ns}-c'),
      line('certificate approve {ns}-c'),
      line('get csr {ns}-c', { until: /Issued/ }),
      line('get csr {ns}-c -o jsonpath={.status.conditions[*].type}'),
      line('certificate deny {ns}-c'),
      sending('create', { ...request, metadata: { name: '{ns}-d' } }),
      line('certificate deny {ns}-d'),
      line('get csr {ns}-d'),
      line('certificate approve {ns}-zz'),
      sending('create', { ...request, metadata: { name: '{ns}-e' }, spec: { ...request.spec, request: 'AAAA' } }),
      line('delete csr {ns}-c {ns}-d'),
    ],
  },
  {
    name: 'policies',
    lines: [
      sending('apply', {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: '{ns}' },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
            ],
          },
          matchConditions: [{ name: 'here', expression: "request.namespace == '{ns}'" }],
          validations: [{ expression: "!object.metadata.name.startsWith('bad')", message: 'no bad names' }],
        },
      }),
      sending('apply', {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: '{ns}' },
        spec: { policyName: '{ns}', validationActions: ['Deny'] },
      }),
      line('create configmap bad-probe --dry-run=server', { until: /^$/, view: () => '' }),
      line('create configmap bad'),
      line('create configmap good'),
      sending('apply', {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: '{ns}-broken' },
        spec: {
          matchConstraints: {
            resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }],
          },
          validations: [{ expression: 'object.' }],
        },
      }),
      line('delete validatingadmissionpolicybinding {ns}'),
      line('delete validatingadmissionpolicy {ns}'),
    ],
  },
  {
    name: 'proxied',
    lines: [
      begin('proxy', 'proxy --port=0'),
      end('proxy', 1),
      begin('late', 'wait --for=create cm/late --timeout=20s'),
      silently(sending('create', configMap('late', {}))),
      end('late'),
    ],
  },
];

function config(user: string): string {
  return [
    'apiVersion: v1',
    'kind: Config',
    "clusters: [{name: c, cluster: {server: '{server}', insecure-skip-tls-verify: true}}]",
    `users: [{name: u, user: {${user}}}]`,
    'contexts: [{name: c, context: {cluster: c, user: u}}]',
    'current-context: c',
    '',
  ].join('\n');
}
