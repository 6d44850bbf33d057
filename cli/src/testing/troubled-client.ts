import { apiError } from '@quarterdeck/apis';
import { type Client, ConnectionError } from '@quarterdeck/machinery';

/** What a client says of a server that does not answer. */
export function serverAway(who: string): Error {
  const cause = new ConnectionError('connect ECONNREFUSED', 'ECONNREFUSED');
  return apiError('ServiceUnavailable', `${who} is away`, undefined, { cause });
}

/**
 * A client whose calls and watches fail for as long as there is trouble.
 * @param trouble what they fail with; undefined: all is well. Asked at each call
 */
export function troubledClient(client: Client, trouble: () => Error | undefined): Client {
  return new Proxy(client, {
    get(target, name, receiver) {
      const method: unknown = Reflect.get(target, name, receiver);
      if (typeof method !== 'function') return method;
      if (name === 'watch') {
        return (...args: unknown[]) => {
          const failure = trouble();
          if (failure === undefined) return Reflect.apply(method, target, args) as unknown;
          return (async function* () {
            yield await Promise.reject<never>(failure);
          })();
        };
      }
      return async (...args: unknown[]) => {
        const failure = trouble();
        if (failure !== undefined) throw failure;
        return (await Reflect.apply(method, target, args)) as unknown;
      };
    },
  });
}
