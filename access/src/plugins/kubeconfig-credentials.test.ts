import { describe, expect, test } from 'vitest';
import { kubeconfigCredentials } from './kubeconfig-credentials.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const kubeconfig = (user: object, over: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'main',
    contexts: [
      { name: 'main', context: { cluster: 'c', user: 'u' } },
      { name: 'nobody', context: { cluster: 'c' } },
      { name: 'stranger', context: { cluster: 'c', user: 'gone' } },
    ],
    users: [{ name: 'u', user }],
    ...over,
  });

describe('credentials of a stored kubeconfig', () => {
  test('CP-40 a token; what would be run or read from disk is no credential', () => {
    const user = { token: 't', tokenFile: '/etc/passwd', username: 'a', password: 'b', exec: { command: 'rm' } };
    expect(kubeconfigCredentials(kubeconfig(user), undefined)).toEqual({ token: 't' });
  });

  test('CP-40 an inline certificate with its key, decoded', () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    expect(kubeconfigCredentials(kubeconfig(user), 'main')).toEqual({
      clientCertificateData: 'CERT',
      clientKeyData: 'KEY',
    });
  });

  test.each([
    { name: 'no YAML', text: '{a: [', message: 'the kubeconfig is no valid YAML' },
    { name: 'a list', text: '[]', message: 'the kubeconfig is no YAML mapping' },
    { name: 'extensions at the top', text: kubeconfig({ token: 't' }, { extensions: [] }), message: 'has extensions' },
    { name: 'no context', text: kubeconfig({}, { 'current-context': '' }), message: 'has no current-context' },
    { name: 'an unknown context', context: 'x', text: kubeconfig({ token: 't' }), message: 'has no context "x"' },
    {
      name: 'a context without user',
      context: 'nobody',
      text: kubeconfig({}),
      message: '"nobody" of the kubeconfig has no',
    },
    { name: 'an unknown user', context: 'stranger', text: kubeconfig({}), message: 'has no user "gone"' },
    { name: 'nothing usable', text: kubeconfig({ tokenFile: '/x' }), message: 'has neither a token nor' },
    {
      name: 'a certificate without key',
      text: kubeconfig({ 'client-certificate-data': base64('C') }),
      message: 'needs both',
    },
    { name: 'a key without certificate', text: kubeconfig({ 'client-key-data': base64('K') }), message: 'needs both' },
    {
      name: 'a certificate in a file',
      text: kubeconfig({ token: 't', 'client-certificate': '/c' }),
      message: 'client-certificate is a file path',
    },
    {
      name: 'a key in a file',
      text: kubeconfig({ token: 't', 'client-key': '/k' }),
      message: 'client-key is a file path',
    },
  ])('CP-40 $name is refused', ({ text, context, message }) => {
    expect(() => kubeconfigCredentials(text, context)).toThrow(message);
  });

  test('CP-40 an error never quotes the kubeconfig', () => {
    expect(() => kubeconfigCredentials('token: "s3cr3t\nusers: [', undefined)).not.toThrow('s3cr3t');
  });
});
