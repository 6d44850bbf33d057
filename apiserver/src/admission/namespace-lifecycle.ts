import { forbiddenObject } from '../authz/forbidden.ts';
import { immortalNamespaces } from '../builtin/namespaces.ts';
import type { AdmissionPlugin } from './admission.ts';

/** Some namespaces cannot be deleted. KA-109 What may be created where is checked with the commit itself: KA-110. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles: ({ operation, group, resource, subresource }) =>
    operation === 'DELETE' && group === '' && resource === 'namespaces' && subresource === '',
  validate({ name }) {
    if (!immortalNamespaces.has(name)) return;
    throw forbiddenObject({ group: '', plural: 'namespaces' }, name, 'this namespace may not be deleted');
  },
};
