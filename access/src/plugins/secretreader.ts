import { type Plugin, setting } from './harness.ts';
import { openHub, secretValue } from './hub.ts';

/** The token in the Secret of the cluster's name, in the consumer's own namespace. CP-39 */
export const secretreader: Plugin = {
  name: 'secretreader',
  async credential({ config }, environment) {
    const name = setting(config, 'clusterName');
    await using hub = await openHub(environment);
    return { token: await secretValue(hub.client, { namespace: hub.namespace, name, key: 'token' }) };
  },
};
