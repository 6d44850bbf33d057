import type { Logger } from '@quarterdeck/machinery';

/** What a hub warns of repeats with every report; beyond this many nothing more is logged. */
const rememberedAtMost = 100;

/** @returns to be called for each warning of the hub: it is logged when it is the first of its words. F-29 */
export function createWarningLog(logger: Pick<Logger, 'warn'>): (warning: string) => void {
  const told = new Set<string>();
  return (warning) => {
    if (told.has(warning) || told.size >= rememberedAtMost) return;
    told.add(warning);
    logger.warn({ warning }, 'the hub warns');
  };
}
