/** Lower-case hexadecimal or not, dots may be escaped; what a member decodes, we decode. */
const dotSegment = /^(?:\.|%2e){1,2}$/i;
/** Nor is it said who decodes first and takes the path apart then, a server or what stands before it. */
const separator = /\/|%2f|%5c/i;

/**
 * Why a path with query is no target at a member; undefined when it is one. It must stay where it is put: below the
 * address of the member's API, on its one host. SEC-5
 */
export function targetProblem(target: string): string | undefined {
  if (!target.startsWith('/')) return 'the path must start with a slash';
  if (/[^\x21-\x7e]|[\\#]/.test(target)) return 'the path holds characters that a URL must escape';
  const [path = ''] = target.split('?', 1);
  if (path.startsWith('//')) return 'the path must not start with two slashes';
  if (path.split(separator).some((segment) => dotSegment.test(segment)))
    return 'the path must not hold the segments . and ..';
  return undefined;
}
