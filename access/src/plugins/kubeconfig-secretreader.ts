import { optionalSetting, type Plugin, setting } from './harness.ts';
import { openHub, secretValue } from './hub.ts';
import { kubeconfigCredentials } from './kubeconfig-credentials.ts';

/** The credentials in a kubeconfig that a Secret on the hub holds. CP-40 */
export const kubeconfigSecretreader: Plugin = {
  name: 'kubeconfig-secretreader',
  async credential({ config }, environment) {
    const [name, key] = [setting(config, 'name'), setting(config, 'key')];
    const [namespace, context] = [optionalSetting(config, 'namespace'), optionalSetting(config, 'context')];
    await using hub = await openHub(environment);
    const text = await secretValue(hub.client, { namespace: namespace ?? hub.namespace, name, key });
    return kubeconfigCredentials(text, context);
  },
};
