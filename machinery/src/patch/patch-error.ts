/**
 * Why a patch cannot be applied. `malformed`: it is no patch at all (400). `invalid`: it is one, but does not fit the
 * object or the schema (422). `tooLarge`: it asks for more work than the server does for one request (413). KA-68, KA-69
 */
type PatchErrorKind = 'malformed' | 'invalid' | 'tooLarge';

/** A patch that is refused; the message says where and why. */
export class PatchError extends Error {
  override readonly name = 'PatchError';
  readonly kind: PatchErrorKind;
  /** Where in the object, in the notation of the patch: a JSON pointer, or a dotted path. Absent: the whole patch. */
  readonly path: string | undefined;

  constructor(kind: PatchErrorKind, message: string, path?: string) {
    super(message);
    this.kind = kind;
    this.path = path;
  }
}
