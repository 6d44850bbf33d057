import { type Logger as PinoLogger, pino } from 'pino';

/** pino: constant message, data in fields. `info`: the world changed; `debug`: skipped and why. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

/** Field names whose values never reach a log, wherever they stand. SEC-12 */
const redacted = [
  'token',
  'password',
  'authorization',
  'clientKeyData',
  'data',
  'stringData',
  '*.token',
  '*.password',
  '*.authorization',
  '*.clientKeyData',
  '*.data',
  '*.stringData',
];

export interface LoggerOptions {
  /** Default `info`. */
  level?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Default: standard error. */
  destination?: { write(line: string): void };
}

export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: redacted, censor: '[redacted]' },
  };
  return pino(settings, options.destination ?? pino.destination({ dest: 2, sync: true }));
}

export const silentLogger: Logger = pino({ level: 'silent' });
