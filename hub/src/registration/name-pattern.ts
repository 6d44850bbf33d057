/** Whether a cluster has a name of this pattern. `*` stands for any run of characters, nothing else is special. RG-2, RG-3 */
export function matchesName(pattern: string, clusterName: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(clusterName);
}
