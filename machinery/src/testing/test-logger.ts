import { createLogger, type Logger } from '../runtime/logger.ts';

export interface TestLogger extends Logger {
  /** Every line so far, parsed, redaction applied. */
  readonly lines: readonly Record<string, unknown>[];
  /** The messages (`msg`) so far, of one level when given. */
  messages(level?: string): string[];
}

/** A logger that keeps what it is told (level debug), for tests that assert on it. */
export function testLogger(): TestLogger {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  return Object.assign(Object.create(logger) as Logger, {
    lines,
    messages: (level?: string) =>
      lines.filter((line) => level === undefined || line.level === level).map((line) => String(line.msg)),
  });
}
