import { isConflict, isNotFound, Secret, type Stored } from '@quarterdeck/apis';
import type { Client } from '@quarterdeck/machinery';
import { type AgentState, type StateStore, stateFields } from './state-store.ts';

/**
 * Keeps the agent's state in one Secret on its own cluster: for an agent that runs as a pod and has no disk of its own. The
 * Secret is made with the agent's rights (`token create -o yaml`); the agent may read and replace this one, and no other.
 * @param ref `namespace/name` of the Secret
 */
export function secretStateStore(memberClient: Client, ref: string): StateStore {
  const [namespace = '', name = ''] = ref.split('/');
  const read = async (): Promise<Stored<Secret>> => {
    try {
      return await memberClient.get(Secret, { namespace, name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new Error(`the Secret ${ref} is missing: apply the manifest of the agent again`, { cause: error });
    }
  };
  return {
    async load() {
      const { data = {} } = await read();
      const entries = stateFields.flatMap((field) => {
        const value = data[field];
        return value === undefined ? [] : [[field, Buffer.from(value, 'base64').toString('utf8')] as const];
      });
      return Object.fromEntries(entries) as AgentState;
    },
    async save(state) {
      const data = Object.fromEntries(
        Object.entries(state).map(([field, value]) => [field, Buffer.from(value as string).toString('base64')]),
      );
      for (let attempt = 1; ; attempt++) {
        try {
          await memberClient.update(Secret, { ...(await read()), data }, { fieldManager: 'quarterdeck-agent' });
          return;
        } catch (error) {
          // Somebody labelled it just now: the state is ours all the same.
          if (!isConflict(error) || attempt === maxAttempts) throw error;
        }
      }
    },
  };
}

const maxAttempts = 5;
