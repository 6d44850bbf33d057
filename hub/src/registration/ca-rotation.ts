import type { MemberCluster } from '@quarterdeck/apis';
import {
  advanceRotation,
  openPostgresSettings,
  type Rotation,
  type RotationPhase,
  readRotation,
  runningEmbeddedUrl,
  startEmbeddedPostgres,
} from '@quarterdeck/apiserver';
import { caKeyHash, silentLogger, systemClock } from '@quarterdeck/machinery';
import { embeddedDir } from '../database.ts';
import { readEncryption } from '../encryption.ts';
import { hasBeenHeardOf } from './heard-of.ts';

export interface CaRotationOptions {
  /** Of a hub with the embedded database, or the URL of its PostgreSQL. */
  readonly database: { readonly dataDir: string } | { readonly url: string };
  /** Default: the one in the data directory, if there is one. */
  readonly encryptionKeyFile?: string;
}

/** Where the replacement of the hub's CA stands. RG-9 */
export interface CaRotationState {
  readonly phase: RotationPhase;
  /** Key hashes: of the CA that signs, and of the other trusted one. */
  readonly signing: string;
  readonly other: string | undefined;
}

/**
 * Reads where the replacement of the CA stands, and takes the next step where one is wanted; running hubs follow in seconds. RG-9
 * @param mayAdvance told what was read; the step is taken when it resolves, and only if nobody took one meanwhile. Absent: it is
 * only read
 * @returns where it stands afterwards
 * @throws RotationChangedError when two took a step at once; what mayAdvance throws
 */
export async function rotateHubCa(
  options: CaRotationOptions,
  mayAdvance?: (seen: CaRotationState) => Promise<void>,
): Promise<CaRotationState> {
  const { database, encryptionKeyFile } = options;
  const clock = systemClock;
  await using cleanup = new AsyncDisposableStack();
  const url = 'url' in database ? database.url : await embeddedUrl(database.dataDir, cleanup);
  const settings = cleanup.use(await openPostgresSettings({ url, clock }));
  const dataDir = 'url' in database ? undefined : database.dataDir;
  const { keyring } = await readEncryption({ encryptionKeyFile, dataDir });
  const rotation = { settings, clock, ...(keyring.canSeal ? { keyring } : {}) };
  const seen = await readRotation(rotation);
  if (mayAdvance === undefined) return stateOf(seen);
  await mayAdvance(stateOf(seen));
  return stateOf(await advanceRotation(seen, rotation));
}

function stateOf({ phase, authorities }: Rotation): CaRotationState {
  const [signing = '', other] = authorities.map(({ certificate }) => caKeyHash(certificate));
  return { phase, signing, other };
}

async function embeddedUrl(dataDir: string, cleanup: AsyncDisposableStack): Promise<string> {
  const running = runningEmbeddedUrl(embeddedDir(dataDir));
  if (running !== undefined) return running;
  const options = { dataDir: embeddedDir(dataDir), clock: systemClock, logger: silentLogger };
  return cleanup.use(await startEmbeddedPostgres(options)).url;
}

/** Members that would be lost if the next step were taken now, by name. */
export interface MembersBehind {
  /** The step is to wait for these. */
  readonly waitedFor: readonly string[];
  /** Nobody waits for these: a member that is denied learns nothing, and gets no certificate. */
  readonly denied: readonly string[];
}

/**
 * The members whose agents were heard of and do not yet trust the CA that is to sign, or have a certificate still of the one
 * that is to be forgotten, whatever else is the matter with them. Pure. RG-9
 */
export function membersBehind(
  members: readonly MemberCluster[],
  { phase, signing, other }: CaRotationState,
): MembersBehind {
  const isBehind = ({ status }: MemberCluster): boolean => {
    switch (phase) {
      case 'Steady':
        return false;
      case 'Announced':
        return other === undefined || status?.agent?.trustedCAs?.includes(other) !== true;
      case 'Switched':
        // No CA issues a token: who holds one need only know the hub. RG-7
        return status?.agent?.identity === 'Token'
          ? status.agent.trustedCAs?.includes(signing) !== true
          : status?.agent?.certificateIssuer !== signing;
    }
  };
  const behind = members.filter(hasBeenHeardOf).filter(isBehind);
  const namesOf = (some: readonly MemberCluster[]) => some.map(({ metadata }) => metadata.name ?? '').sort();
  const isDenied = ({ spec }: MemberCluster) => spec.acceptance === 'Denied';
  return { waitedFor: namesOf(behind.filter((one) => !isDenied(one))), denied: namesOf(behind.filter(isDenied)) };
}
