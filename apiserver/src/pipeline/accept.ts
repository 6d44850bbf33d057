import { type ApiError, apiError, StatusReason } from '@quarterdeck/apis';
import { type MediaType, parseMediaType } from './media-type.ts';

export type Encoding = 'json' | 'yaml' | 'protobuf';

/** Which shape of the object the client wants to see. KA-32, KA-33 */
export type Form = 'Object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** How an answer is written. */
export interface Representation {
  readonly encoding: Encoding;
  readonly form: Form;
  /** Version of meta.k8s.io that Table and PartialObjectMetadata are written in. */
  readonly metaVersion: 'v1' | 'v1beta1';
  /** Indented JSON for people. KA-31 */
  readonly pretty: boolean;
}

export interface Offer {
  readonly encodings: readonly Encoding[];
  readonly forms: readonly Form[];
}

/** What answers that are not objects of a stored resource can be: plain documents. */
export const plainOffer: Offer = { encodings: ['json', 'yaml'], forms: ['Object'] };

export const contentTypes: Readonly<Record<Encoding, string>> = Object.freeze({
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: 'application/vnd.kubernetes.protobuf',
});

/** One clause of an Accept header. */
export interface AcceptClause extends MediaType {
  readonly q: number;
}

/** The clauses of an Accept header, best first; malformed ones are left out. An absent header accepts anything. */
export function parseAccept(header: string | undefined): AcceptClause[] {
  const text = header === undefined || header.trim() === '' ? '*/*' : header;
  return text
    .split(',')
    .flatMap((part) => {
      const media = parseMediaType(part.trim());
      if (media === undefined) return [];
      const q = Number(media.parameters.get('q') ?? '1');
      return [{ ...media, q: Number.isFinite(q) ? q : 0 }];
    })
    .filter((clause) => clause.q > 0)
    .sort((a, b) => b.q - a.q);
}

/**
 * Picks how to answer: the first clause that can be served. KA-31 Whole objects are in protobuf only for clients that name
 * nothing else, because every other client reads JSON, which is there already encoded. KA-29 Metadata alone is encoded
 * anew in any case, so that the client's order counts, for custom kinds too. KA-33
 * @throws ApiError NotAcceptable
 */
export function negotiate(accept: string | undefined, offer: Offer, pretty: boolean): Representation {
  const clauses = parseAccept(accept);
  const first = serve(clauses, { ...offer, encodings: offer.encodings.filter((name) => name !== 'protobuf') }, pretty);
  if (first !== undefined) return first;
  const last = serve(clauses, { ...offer, encodings: offer.encodings.filter((name) => name === 'protobuf') }, pretty);
  if (last !== undefined) return last;
  const speaks = clauses.some((clause) => encodingOf(clause, offer.encodings) !== undefined);
  throw speaks ? notAcceptable(offer) : noSuchRepresentation(offer);
}

function serve(clauses: readonly AcceptClause[], offer: Offer, pretty: boolean): Representation | undefined {
  for (const clause of clauses) {
    const form = formOf(clause, offer.forms);
    const isMetadata = form === 'PartialObjectMetadata' || form === 'PartialObjectMetadataList';
    const encoding = encodingOf(clause, isMetadata ? [...offer.encodings, 'protobuf'] : offer.encodings);
    if (encoding === undefined || form === undefined) continue;
    if (form === 'Table' && encoding === 'protobuf') continue;
    return { encoding, form, metaVersion: clause.parameters.get('v') === 'v1beta1' ? 'v1beta1' : 'v1', pretty };
  }
  return undefined;
}

function encodingOf(clause: AcceptClause, encodings: readonly Encoding[]): Encoding | undefined {
  switch (clause.name) {
    case '*/*':
    case 'application/*':
      return encodings[0];
    default:
      return encodings.find((encoding) => contentTypes[encoding] === clause.name);
  }
}

function formOf(clause: AcceptClause, forms: readonly Form[]): Form | undefined {
  const as = clause.parameters.get('as');
  if (as === undefined) return 'Object';
  const group = clause.parameters.get('g');
  const version = clause.parameters.get('v');
  if (group !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  return forms.find((form) => form === as && form !== 'Object');
}

/** A media type that is not spoken here at all, where {@link notAcceptable} is about its parameters. KA-31 */
function noSuchRepresentation(offer: Offer): ApiError {
  const names = offer.encodings.map((encoding) => contentTypes[encoding]).join(', ');
  const message = `406: Not Acceptable\n\nAvailable representations: ${names}`;
  return apiError(StatusReason.NotAcceptable, message, {});
}

/** KA-31 */
export function notAcceptable(offer: Offer): ApiError {
  const names = offer.encodings.map((encoding) => contentTypes[encoding]).join(', ');
  return apiError(StatusReason.NotAcceptable, `only the following media types are accepted: ${names}`);
}

/** People see indented JSON: on request, or from the tools they use by hand. KA-31 */
export function wantsPretty(query: URLSearchParams, userAgent: string | undefined): boolean {
  const asked = query.get('pretty');
  if (asked !== null) return asked !== 'false' && asked !== '0';
  return /^(curl|Wget|Mozilla)/.test(userAgent ?? '');
}
