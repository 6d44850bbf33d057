/** Patterns of names, as they stand in schemas and rules: RE2, anchored. KA-46, KA-47 */

/** One label of a DNS name: names of clusters, sets and namespaces. */
export const dnsLabelPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

/** Labels joined by dots: what an object may be called. */
export const dnsSubdomainPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';

/** An optional DNS prefix and a slash, then at most 63 characters. */
export const labelKeyPattern =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
/** Prefix, slash and name. */
export const maxLabelKeyLength = 317;

/** May be empty. */
export const labelValuePattern = '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$';
