import type { KubeObject, Namespace, Stored } from '@quarterdeck/apis';
import { isTerminating } from './metadata.ts';

const maxListed = 5;

const holding = 'finalizers of others hold up ';
const remaining = 'its namespace stays: ';

/**
 * Objects that are marked to go and stay, because of finalizers that somebody else has to take off, for people:
 * `finalizers of others hold up Work w (example.com/mine)`. Undefined: there are none. RG-40
 * @param ours the finalizer that the product itself takes off: what still has it is waited for by other means
 */
export function heldUpText(objects: readonly Stored<KubeObject>[], ours?: string): string | undefined {
  const held = objects.filter((object) => isHeldUp(object, ours)).map(nameOf);
  if (held.length === 0) return undefined;
  const more = held.length > maxListed ? ` and ${held.length - maxListed} more` : '';
  return `${holding}${held.sort().slice(0, maxListed).join(', ')}${more}`;
}

/** Whether it is marked to go, and waits for nothing but finalizers of others. */
export function isHeldUp(object: Stored<KubeObject>, ours?: string): boolean {
  const { finalizers = [] } = object.metadata;
  return isTerminating(object) && finalizers.length > 0 && (ours === undefined || !finalizers.includes(ours));
}

function nameOf({ kind, metadata: { namespace, name, finalizers = [] } }: Stored<KubeObject>): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name} (${finalizers.join(', ')})`;
}

/** What keeps a namespace that is marked to go, in the words of whoever empties it. Undefined: nothing that is known. */
export function namespaceRemainsText(namespace: Stored<Namespace> | undefined): string | undefined {
  if (namespace === undefined || !isTerminating(namespace)) return undefined;
  const told = (namespace.status?.conditions ?? []).flatMap(({ status, message = '' }) =>
    status === 'True' && message !== '' ? [message] : [],
  );
  return told.length === 0 ? undefined : `${remaining}${told.join('; ')}`;
}

/** The message, and what holds the rest up. What an earlier message said of that is left out. */
export function withHeldUp(message: string, ...held: readonly (string | undefined)[]): string {
  const [first = ''] = message.split(new RegExp(`; (?:${holding}|${remaining})`));
  return [first, ...held.filter((text) => text !== undefined)].join('; ');
}
