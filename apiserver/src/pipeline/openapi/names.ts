import type { ResolvedResource } from '../../registry/registry.ts';

export const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Packages of the built-in groups: their definitions keep the names that clients may know. */
const builtinPackages: Readonly<Record<string, string>> = {
  '': 'io.k8s.api.core',
  'apiextensions.k8s.io': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions',
  'apiregistration.k8s.io': 'io.k8s.kube-aggregator.pkg.apis.apiregistration',
};

/** The name of a kind's definition: `com.example.stable.v1.Foo` for custom groups. KA-26 */
export function definitionName({ definition, version }: ResolvedResource, kind = definition.kind): string {
  return `${packageOf(definition.group, definition.origin)}.${version.name}.${kind}`;
}

function packageOf(group: string, origin: 'builtin' | 'custom'): string {
  if (origin === 'custom') return group.split('.').reverse().join('.');
  return builtinPackages[group] ?? `io.k8s.api.${group.split('.')[0] ?? ''}`;
}

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
