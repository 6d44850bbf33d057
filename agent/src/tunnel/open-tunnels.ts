import type { TlsOptions } from '@quarterdeck/machinery';
import { startTunnel, type Tunnel, type TunnelOptions } from './tunnel.ts';

/** An address that takes tunnels. */
export interface TunnelAddress {
  readonly url: string;
  /** PEM; absent: as the hub itself is known. */
  readonly caPem?: string;
  /** Proxy on the way there. Absent: none. RG-55 */
  readonly proxy?: string;
}

export interface OpenTunnelsOptions extends TunnelOptions {
  /**
   * Instead of the hub: the port of a hub program beside a Kubernetes hub, or each process of a hub that has several, since
   * a process passes on only what reaches it. Empty: the hub itself. RG-52, RG-53
   */
  readonly at: readonly TunnelAddress[];
}

/** A tunnel to each address, each on its own. */
export function openTunnels(
  { at, ...options }: OpenTunnelsOptions,
  signal: AbortSignal,
): Tunnel & { readonly stopped: Promise<void> } {
  const { proxy: _toHub, ...common } = options;
  const tunnels =
    at.length === 0
      ? [startTunnel(options, signal)]
      : at.map((address) => startTunnel({ ...common, ...wayTo(address, options.tls) }, signal));
  return {
    stopped: Promise.all(tunnels.map(({ stopped }) => stopped)).then(() => undefined),
    /** One that is taken is enough to tell consumers of it. */
    get isServed() {
      const states = tunnels.map(({ isServed }) => isServed);
      if (states.includes(true)) return true;
      return states.includes(undefined) ? undefined : false;
    },
  };
}

function wayTo({ url, caPem, proxy }: TunnelAddress, tls: () => TlsOptions) {
  return {
    hubUrl: url,
    tls: caPem === undefined ? tls : () => ({ ...tls(), ca: caPem }),
    ...(proxy === undefined ? {} : { proxy }),
  };
}
