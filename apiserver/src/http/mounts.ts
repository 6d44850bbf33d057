import { encodeJson } from '@quarterdeck/machinery';
import type { Pipeline } from '../pipeline/http-message.ts';

/** Several servers behind one listener, by path prefix: simulated members. */
export interface Mounts {
  /**
   * @param prefix empty for the root, else `/a/b` without a slash at its end
   * @throws Error when the prefix is taken
   */
  add(prefix: string, pipeline: Pipeline): Disposable;
  /** The server for a path and the path as that server sees it; the longest prefix wins. */
  find(path: string): { readonly pipeline: Pipeline; readonly path: string } | undefined;
  /** Whether anything was mounted yet; a server that is still starting has nothing. */
  readonly hasBegun: boolean;
}

export function createMounts(): Mounts {
  const pipelines = new Map<string, Pipeline>();
  /** Segments of the longest prefix: paths are looked at no further. It never shrinks, for members come and go. */
  let deepest = 0;
  let hasBegun = false;
  return {
    add(prefix, pipeline) {
      if (prefix !== '' && !/^(?:\/[^/]+)+$/.test(prefix)) throw new Error(`not a path prefix: ${prefix}`);
      if (pipelines.has(prefix)) throw new Error(`the path prefix ${encodeJson(prefix)} is taken`);
      pipelines.set(prefix, pipeline);
      hasBegun = true;
      deepest = Math.max(deepest, prefix.split('/').length - 1);
      return {
        [Symbol.dispose]() {
          if (pipelines.get(prefix) === pipeline) pipelines.delete(prefix);
        },
      };
    },
    get hasBegun() {
      return hasBegun;
    },
    find(path) {
      let found: { pipeline: Pipeline; path: string } | undefined;
      for (let depth = 0, end = 0; depth <= deepest; depth++) {
        const pipeline = pipelines.get(path.slice(0, end));
        if (pipeline !== undefined) found = { pipeline, path: path.slice(end) || '/' };
        if (end === path.length) break;
        const next = path.indexOf('/', end + 1);
        end = next === -1 ? path.length : next;
      }
      return found;
    },
  };
}
