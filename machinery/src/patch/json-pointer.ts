/**
 * The decoded steps of an RFC 6901 pointer; empty for the whole document.
 * @returns undefined when it is no pointer: neither empty nor with a leading slash, or with a stray `~`
 */
export function parsePointer(pointer: string): string[] | undefined {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A list index as RFC 6901 writes it: no sign, no leading zero. Undefined for all else, `-` included. */
export function parseIndex(step: string): number | undefined {
  return /^(0|[1-9]\d{0,9})$/.test(step) ? Number(step) : undefined;
}
