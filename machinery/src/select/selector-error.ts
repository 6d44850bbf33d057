/** A selector that cannot be understood or breaks the rules of its keys and values: 400 or 422 at the API. KA-81, BI-9 */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
  /** Offset into the text, in UTF-16 units; 0 when the selector was not text. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}
