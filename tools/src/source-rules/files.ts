/** Whether a source is part of what users run: not a test, not a help for tests, not generated. */
export function productFiles(file: string): boolean {
  return !/\.(test|suite|gen)\.ts$|\/(testing|testdata|conformance|int)\//.test(file);
}
