const beyondAscii = /[\ud800-\uffff]/;

/**
 * The string by which objects of a resource are ordered: comparing two of these with `<` orders them as their UTF-8
 * bytes do, as the database's "C" collation does (KA-80). UTF-16 alone would put U+E000..U+FFFF after surrogates.
 */
export function sortKey(namespace: string, name: string): string {
  const key = `${namespace}/${name}`;
  return beyondAscii.test(key) ? swapSurrogates(key) : key;
}

/** The keys of one namespace lie in `[from, to)`: `0` follows `/`. */
export function namespaceRange(namespace: string): { from: string; to: string } {
  return { from: sortKey(namespace, ''), to: sortKey(namespace, '').replace(/\/$/, '0') };
}

/** The least key after `key`; names hold no U+0000. */
export function justAfter(key: string): string {
  return `${key}\0`;
}

function swapSurrogates(key: string): string {
  let swapped = '';
  for (let index = 0; index < key.length; index++) {
    const unit = key.charCodeAt(index);
    if (unit < 0xd800) swapped += key[index];
    else swapped += String.fromCharCode(unit < 0xe000 ? unit + 0x2000 : unit - 0x800);
  }
  return swapped;
}
