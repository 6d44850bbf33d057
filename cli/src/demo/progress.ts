import yoctoSpinner from 'yocto-spinner';

/** Steps of a longer action, shown as they go; each with its time. */
export interface Progress {
  /** Runs a step; its title stands while it works, and with its time when it is done. */
  step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T>;
  /** Every finished step with its duration in ms. */
  readonly times: readonly { readonly title: string; readonly ms: number }[];
}

/** A spinner on a terminal, plain lines elsewhere. */
export function createProgress(stream: NodeJS.WriteStream = process.stdout): Progress {
  const times: { title: string; ms: number }[] = [];
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return {
    times,
    async step(title, work) {
      const started = performance.now();
      const spinner = stream.isTTY ? yoctoSpinner({ text: title, stream }).start() : undefined;
      if (spinner === undefined) stream.write(`- ${title}\n`);
      const note = (text: string) => {
        if (spinner !== undefined) spinner.text = `${title}: ${text}`;
      };
      try {
        const result = await work(note);
        const ms = performance.now() - started;
        times.push({ title, ms });
        spinner?.success(`${title} (${seconds(ms)})`);
        return result;
      } catch (error) {
        spinner?.error(title);
        throw error;
      }
    },
  };
}
