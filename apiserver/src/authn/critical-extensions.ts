import { children, derTag, expectTag, readDer, readOid } from '../tls/der.ts';

/** Object identifiers of the extensions of a DER certificate that its maker marked critical. @throws DerError */
export function criticalExtensions(der: Uint8Array): string[] {
  const [tbs] = children(expectTag(readDer(der), derTag.sequence));
  const wrapper = children(expectTag(tbs, derTag.sequence)).find(({ tag }) => tag === derTag.context3);
  if (wrapper === undefined) return [];
  const [list] = children(wrapper);
  return children(expectTag(list, derTag.sequence)).flatMap((extension) => {
    const [oid, critical] = children(expectTag(extension, derTag.sequence));
    const isCritical = critical?.tag === derTag.boolean && critical.content[0] !== 0;
    return isCritical ? [readOid(oid)] : [];
  });
}
