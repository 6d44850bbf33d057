import type { ResourceIdentifier } from '@quarterdeck/apis';

/** What an object is called in messages; a manifest that does not say which object it is about, by its position. */
export const titleOf = ({ ordinal, kind, namespace = '', name }: ResourceIdentifier): string =>
  kind === undefined || name === undefined
    ? `manifest ${ordinal}`
    : `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
