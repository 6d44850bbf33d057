/** One record and the line that it begins on, counted from 1. */
export interface CsvRecord {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A field in quotes, or one without any; then what ends it. */
const field = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/y;

/**
 * Reads comma-separated values (RFC 4180), each record with as many fields as it likes; empty lines are none. What is in quotes
 * may hold commas, line breaks, and quotes twice.
 * @throws Error that names the line of what is not well-formed
 */
export function parseCsv(text: string): CsvRecord[] {
  const plain = text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  const records: CsvRecord[] = [];
  let line = 1;
  for (let at = 0; at < plain.length; ) {
    if (plain[at] === '\n') {
      at += 1;
      line += 1;
      continue;
    }
    const started = line;
    const fields: string[] = [];
    for (let end = ','; end === ','; ) {
      field.lastIndex = at;
      const [whole, quoted, bare = '', ending = ''] = field.exec(plain) ?? [undefined];
      if (whole === undefined) throw new Error(`line ${line}: a quote that neither begins nor ends a whole field`);
      fields.push(quoted?.replaceAll('""', '"') ?? bare);
      at += whole.length;
      line += whole.split('\n').length - 1;
      end = ending;
    }
    records.push({ line: started, fields });
  }
  return records;
}
