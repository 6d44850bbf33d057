import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, Vitest } from 'vitest/node';
import type { Unhandled } from './outcome.ts';

/**
 * A reporter for vitest that writes what went wrong outside of every test, which its JSON report leaves out, to
 * `--outputFile.unhandled`: a list of {@link Unhandled}.
 */
export default class UnhandledErrors implements Reporter {
  #file: string | undefined;

  onInit({ config: { outputFile } }: Vitest): void {
    this.#file = typeof outputFile === 'string' ? undefined : outputFile?.unhandled;
  }

  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    if (this.#file !== undefined) writeFileSync(this.#file, JSON.stringify(errors.map(toUnhandled)));
  }
}

const toUnhandled = ({ VITEST_TEST_PATH: file, stack, message }: SerializedError): Unhandled => ({
  ...(typeof file === 'string' ? { file } : {}),
  message: stack ?? message,
});
