/** What one line of the table runs. Texts may name `{ns}`, `{dir}`, `{server}`, `{kubeconfig}` and captured values. */
export interface Line {
  /** Default kubectl. */
  readonly program?: 'helm';
  /** One string cut at spaces, or an array. */
  readonly args: string | readonly string[];
  /** Standard input; objects are sent as JSON documents. */
  readonly input?: string | readonly object[];
  readonly env?: Readonly<Record<string, string>>;
  /** Starts it under this name and goes on; {@link ends} reads how it went. */
  readonly begins?: string;
  /** Instead of running something: waits for the end of what began. */
  readonly ends?: string;
  /** With `ends`: it never ends by itself, and is stopped after so many lines. */
  readonly lines?: number;
  /** Asks again until its standard output matches; at most 30 s. */
  readonly until?: RegExp;
  /** Its standard output is a value of later lines, under this name. */
  readonly capture?: string;
  /** Preparation: must succeed, and is not recorded. */
  readonly silent?: boolean;
  /** Reduces an output to what both servers are expected to say. Pure. */
  readonly view?: (text: string) => string;
}

/** Lines that build on each other, in a namespace and a home of their own. */
export interface Scenario {
  /** Unique; a DNS label, and part of the namespace's name. */
  readonly name: string;
  readonly lines: readonly Line[];
  /** Written to `{dir}` first; executable where they begin with `#!`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Runs with all kubectl versions, as its traffic differs between them; the others run with the newest alone. */
  readonly everyVersion?: boolean;
}

type More = Omit<Line, 'args'>;

export const line = (args: Line['args'], more: More = {}): Line => ({ args, ...more });
export const helm = (args: Line['args'], more: More = {}): Line => ({ args, program: 'helm', ...more });
/** With objects on standard input: `-f -` is added. */
export const sending = (args: string, ...objects: readonly object[]): Line => ({
  args: `${args} -f -`,
  input: objects,
});
export const silently = (each: Line): Line => ({ ...each, silent: true });
export const begin = (name: string, args: Line['args']): Line => ({ args, begins: name });
/** How it went; of what never ends by itself, the first `lines` lines. */
export const end = (name: string, lines?: number): Line => ({
  args: '',
  ends: name,
  ...(lines === undefined ? {} : { lines }),
});

/** Lines without their order: kubectl prints some maps as they come. */
export const sorted = (text: string): string => text.split('\n').sort().join('\n');

/** Only the lines that match. */
export const only =
  (pattern: RegExp) =>
  (text: string): string =>
    text
      .split('\n')
      .filter((each) => pattern.test(each))
      .join('\n');
