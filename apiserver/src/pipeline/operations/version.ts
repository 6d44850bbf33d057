import type { JsonObject } from '@quarterdeck/machinery';
import { negotiate, plainOffer, wantsPretty } from '../accept.ts';
import { methodNotAllowed } from '../errors.ts';
import type { NonResourceHandler } from '../non-resource.ts';
import { renderDocument } from '../render/render.ts';

/** Which Kubernetes this server speaks for. KA-18 */
export interface ServerVersion {
  /** Digits only. */
  readonly major: string;
  readonly minor: string;
  /** Semantic, with build metadata and never a pre-release. */
  readonly gitVersion: string;
}

export const defaultVersion: ServerVersion = Object.freeze({
  major: '1',
  minor: '35',
  gitVersion: 'v1.35.4+quarterdeck.0.1.0',
});

export function createVersionHandler(version: ServerVersion): NonResourceHandler {
  const { major, minor } = version;
  const document: JsonObject = {
    ...version,
    // What it behaves like, and how old a peer may be: its own version and the one before.
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor: String(Number(minor) - 1),
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  };
  return (request, info) => {
    if (info.path.replace(/\/$/, '') !== '/version') return undefined;
    if (info.verb !== 'get') throw methodNotAllowed();
    const pretty = wantsPretty(request.query, request.headers['user-agent']);
    return renderDocument(200, document, negotiate(request.headers.accept, plainOffer, pretty));
  };
}
