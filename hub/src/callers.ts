import {
  type FrontProxyOptions,
  isIdentityHeader,
  readStaticTokens,
  type StaticTokens,
  watchCaFile,
} from '@quarterdeck/apiserver';
import type { Clock, Logger } from '@quarterdeck/machinery';

/** Front proxies, as an operator names them: see FrontProxyOptions of the API server. */
export interface FrontProxyFiles extends Omit<FrontProxyOptions, 'caBundle'> {
  /** PEM of the CAs that vouch for them; read again when it changes. */
  readonly clientCaFile: string;
}

export interface CallersOptions {
  /** Absent: nobody is believed what it says of a user. */
  readonly frontProxy?: FrontProxyFiles;
  /** Users by static tokens; read once. Absent: there are none. */
  readonly tokenAuthFile?: string;
}

/** Ways to say who one is that an operator adds, as the API server, its listener and its controllers take them. KA-120b */
export interface Callers extends Disposable {
  readonly authenticators: readonly StaticTokens['authenticator'][];
  readonly proxied: { readonly frontProxy?: FrontProxyOptions };
  readonly listening: { readonly isIdentityHeader?: (name: string) => boolean };
}

/** @throws Error that names the file, and what is wrong with it */
export async function openCallers(
  { frontProxy, tokenAuthFile }: CallersOptions,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<Callers> {
  const tokens = tokenAuthFile === undefined ? undefined : await readStaticTokens(tokenAuthFile, logger);
  if (tokens !== undefined) logger.info({ tokens: tokens.count, file: tokenAuthFile }, 'static tokens are accepted');
  const authenticators = tokens === undefined ? [] : [tokens.authenticator];
  if (frontProxy === undefined) {
    return { authenticators, proxied: {}, listening: {}, [Symbol.dispose]: () => undefined };
  }
  const { clientCaFile, ...headers } = frontProxy;
  const ca = await watchCaFile({ file: clientCaFile, clock, logger });
  const believed: FrontProxyOptions = { ...headers, caBundle: () => ca.current };
  logger.info({ file: clientCaFile, names: headers.allowedNames }, 'front proxies are believed');
  return {
    authenticators,
    proxied: { frontProxy: believed },
    listening: { isIdentityHeader: isIdentityHeader(believed) },
    [Symbol.dispose]: () => ca[Symbol.dispose](),
  };
}
