import { children, DerError, type DerNode, derTag, expectTag, readDer, readOid, readText } from './der.ts';

/** Who a certificate or a certificate request names. */
export interface Subject {
  /** Empty when there is none. With several, the last, as Go reads it; see {@link Subject.attributes}. */
  readonly commonName: string;
  /** In order. */
  readonly organizations: readonly string[];
  /** Everything the name holds, in order, so that extras can be refused: SEC-2. */
  readonly attributes: readonly { readonly oid: string; readonly value: string }[];
}

const commonNameOid = '2.5.4.3';
const organizationOid = '2.5.4.10';

/** Subject of a DER certificate. @throws DerError */
export function certificateSubject(der: Uint8Array): Subject {
  const [tbs] = children(expectTag(readDer(der), derTag.sequence));
  const fields = children(expectTag(tbs, derTag.sequence));
  const versionLess = fields[0]?.tag === derTag.context0 ? fields.slice(1) : fields;
  // serialNumber, signature, issuer, validity, subject
  return readSubject(expectTag(versionLess[4], derTag.sequence));
}

/** A Name: a sequence of sets of attribute pairs. @throws DerError */
export function readSubject(name: DerNode): Subject {
  const attributes = children(name).flatMap((set) =>
    children(expectTag(set, derTag.set)).map((pair) => {
      const [oid, value, ...rest] = children(expectTag(pair, derTag.sequence));
      if (value === undefined || rest.length > 0) throw new DerError('a name attribute is a pair');
      return { oid: readOid(oid), value: readText(value) };
    }),
  );
  const valuesOf = (oid: string) => attributes.filter((one) => one.oid === oid).map((one) => one.value);
  return {
    commonName: valuesOf(commonNameOid).at(-1) ?? '',
    organizations: valuesOf(organizationOid),
    attributes,
  };
}
