/** What differs between any two runs, and where this one ran. */
export interface Place {
  readonly dir: string;
  /** `https://HOST:PORT` */
  readonly server: string;
}

/**
 * Takes from kubectl's output what differs between any two runs: times, ages, uids, revisions, addresses, generated names,
 * tokens, certificates, and the width of columns, which follows the longest cell.
 */
export function normalise(text: string, { dir, server }: Place): string {
  return (
    text
      .replaceAll(dir, '<dir>')
      .replaceAll(server, '<server>')
      // Helm ends its watches when it has waited enough, and says of one or none that it was ended.
      .replace(/^[IW]\d{4} .* reflector\.go:\d+\] .*context canceled.*\n?/gm, '')
      .replace(/(127\.0\.0\.1|localhost):\d+/g, '<address>')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uid>')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}/g, '<time>')
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4} \w+/g, '<time>')
      .replace(/\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, '<time>')
      .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
      .replace(/\b[A-Za-z0-9+/]{200,}={0,2}/g, '<base64>')
      .replace(/(resource ?version"?: *"?)\d+/gi, '$1<rv>')
      // The administrator.
      .replace(/\bquarterdeck:admin\b/g, 'admin')
      // Temporary files, as diff names them.
      .replace(/\/tmp\/[\w.-]+/g, '/tmp/<temporary>')
      .replace(/^(---|\+\+\+) (.*)\t.*$/gm, '$1 $2')
      .replace(/-[bcdfghjklmnpqrstvwxz2456789]{5}\b(?= (created|deleted)|"| +\d|$)/gm, '-<5>')
      .replace(/(?<=^|[\s(])(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?(?<=\d[smhdy])(?=$|[\s)])/gm, '<age>')
      .replace(/(?<=\S) {2,}/g, '  ')
      .replace(/ +$/gm, '')
  );
}
