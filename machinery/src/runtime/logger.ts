import { type LogFn, type Logger as PinoLogger, pino } from 'pino';
import { redact, redactText } from './redact.ts';

/** pino: constant message, data in fields. `info`: the world changed; `debug`: skipped and why. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export interface LoggerOptions {
  /** Default `info`. */
  level?: 'silent' | 'error' | 'warn' | 'info' | 'debug';
  /** Default: standard error. */
  destination?: { write(line: string): void };
}

/** JSON lines, with times, without secrets (SEC-12): see {@link redact} for what counts as one. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }), log: redact },
    // Errors are plain data by then.
    serializers: { err: (err: unknown) => err },
    hooks: { logMethod: logRedacted },
  };
  const logger = pino(settings, options.destination ?? pino.destination({ dest: 2, sync: true }));
  // pino resets formatters of bindings for children; they inherit this method instead.
  const { child } = logger;
  logger.child = function (this: PinoLogger, bindings, childOptions) {
    return lazy(() => child.call(this, redact(bindings), childOptions));
  } as typeof child;
  return logger;
}

/** Made when it is first used: every visit of a controller to an object has a logger, and few have anything to say. */
function lazy(make: () => Logger): Logger {
  let made: Logger | undefined;
  const logger = (): Logger => {
    made ??= make();
    return made;
  };
  const log = (level: 'debug' | 'info' | 'warn' | 'error'): LogFn => {
    return (...args: unknown[]) => logger()[level](...(args as Parameters<LogFn>));
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: ((bindings, options) => logger().child(bindings, options)) as Logger['child'],
  };
}

/** Cleans messages, and what pino would take for one from an error. */
function logRedacted(this: PinoLogger, args: Parameters<LogFn>, method: LogFn): void {
  const [first, second, ...rest] = args as unknown[];
  const clean = (text: unknown) => (typeof text === 'string' ? redactText(text) : text);
  const cleaned =
    first instanceof Error
      ? [{ err: first }, clean(second ?? first.message), ...rest]
      : [clean(first), clean(second), ...rest];
  method.apply(this, cleaned as Parameters<LogFn>);
}

export const silentLogger: Logger = pino({ level: 'silent' });
