/** Asks until there is an answer. @throws Error saying what did not come */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { everyMs = 50, timeoutMs = 60_000 }: { readonly everyMs?: number; readonly timeoutMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
