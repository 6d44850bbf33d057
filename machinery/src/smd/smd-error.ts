/** One thing that is wrong with an applied configuration. */
export interface SmdProblem {
  /** `.spec.ports[name="x"].port`; empty for the object itself. KA-76 */
  field: string;
  message: string;
}

/**
 * An applied configuration that cannot be merged at all: it does not fit the schema, names a list item twice, or says
 * something that only the server may say (KA-71, KA-74). The message holds all problems, each behind its field.
 */
export class SmdError extends Error {
  override readonly name = 'SmdError';
  /** At least one, in the order in which they were found. */
  readonly problems: readonly SmdProblem[];

  constructor(problems: readonly SmdProblem[]) {
    const texts = problems.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`));
    super(texts.length === 1 ? (texts[0] as string) : `errors:\n${texts.map((text) => `  ${text}`).join('\n')}`);
    this.problems = problems;
  }
}
