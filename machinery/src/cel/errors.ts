/** One thing that is wrong with an expression, and where. Lines count from 1, columns from 0, in code points. */
export interface CelIssue {
  readonly message: string;
  /** UTF-16 offset into the source. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/**
 * An expression that does not parse or does not type-check. The message has a line `ERROR: <input>:1:5: ...` for each
 * issue, followed by the source line and a caret, as Kubernetes' messages have it. KA-101
 */
export class CelError extends Error {
  override readonly name = 'CelError';
  readonly source: string;
  readonly issues: readonly CelIssue[];

  constructor(source: string, issues: readonly CelIssue[]) {
    super(printIssues(source, issues));
    this.source = source;
    this.issues = issues;
  }
}

/**
 * An evaluation that has no value: a missing key, a division by zero, an overflow, no overload for the operands.
 * Functions of libraries throw it; `&&`, `||` and the `optional` macros may absorb it.
 */
export class CelEvaluationError extends Error {
  override readonly name: string = 'CelEvaluationError';
  /** What the evaluation had cost when it failed; set where it leaves the program. */
  cost?: number;

  constructor(message: string) {
    // The stack of an evaluation says nothing to whoever wrote the expression, and capturing it costs more than the rule.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

/** An evaluation that was stopped because it cost more than it may. Nothing absorbs it. KA-101 */
export class CelCostError extends CelEvaluationError {
  override readonly name = 'CelCostError';

  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Finds line and column of an offset. */
function locate(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = countOf(before, '\n') + 1;
  return { line, column: [...before.slice(lineStart)].length };
}

export function issueAt(source: string, offset: number, message: string): CelIssue {
  return { message, offset, ...locate(source, offset) };
}

/** All issues in the order of the source, one block each. */
function printIssues(source: string, issues: readonly CelIssue[]): string {
  const lines = source.split('\n');
  return issues.map((issue) => printIssue(lines[issue.line - 1], issue)).join('\n');
}

function printIssue(line: string | undefined, issue: CelIssue): string {
  const head = `ERROR: <input>:${issue.line}:${issue.column + 1}: ${issue.message}`;
  if (line === undefined || issue.column < 0) return head;
  const marked = [...line.replaceAll('\t', ' ')];
  const indent = marked.slice(0, issue.column).map(dotFor).join('');
  const at = marked[issue.column];
  return `${head}\n | ${marked.join('')}\n | ${indent}${at !== undefined && isWide(at) ? '\uff3e' : '^'}`;
}

const isWide = (char: string) => (char.codePointAt(0) ?? 0) > 0x7f;
const dotFor = (char: string) => (isWide(char) ? '\uff0e' : '.');

function countOf(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}
