/**
 * What hub and agent agree on. The agent asks the hub to switch its connection to {@link tunnelProtocol}; on that connection
 * it is then an HTTP/2 server, and the hub its only client: one stream for each request. docs/adr/0010
 */
export const tunnelProtocol = 'quarterdeck-tunnel.v1';

/** Headers that only hub and agent speak; they never pass on to a client or to the member. */
export const tunnelHeader = {
  /** Who asks, as JSON: {@link Caller}. On every request. */
  caller: 'quarterdeck-tunnel-caller',
  /** On a request: the protocol to switch to at the member. */
  upgrade: 'quarterdeck-tunnel-upgrade',
  /** On a request that is none for the member's API: the service account to make a token of. RG-51 */
  token: 'quarterdeck-tunnel-token',
  /** On an answer, `101`: the member switched, and the stream is raw from here on. HTTP/2 itself knows no 101. */
  switched: 'quarterdeck-tunnel-switched',
} as const;

/** Body of a request to `memberclusters/NAME/token`, with `spec.serviceAccount` and, as answered, `status`. RG-51 */
export const memberTokenRequestKind = 'MemberTokenRequest';

/** Where an agent offers its tunnel to the hub. */
export const tunnelPath = (clusterName: string): string => `${memberPath(clusterName)}/tunnel`;

/** Where the hub serves the API of a member to its users. */
export const proxyPath = (clusterName: string): string => `${memberPath(clusterName)}/proxy`;

const memberPath = (clusterName: string) =>
  `/apis/quarterdeck.dev/v1alpha1/memberclusters/${encodeURIComponent(clusterName)}`;

/** What a token is made for that is good for the proxy of one member, and for nothing else. RG-51 */
export const tunnelAudience = (clusterName: string): string => `quarterdeck.dev/memberclusters/${clusterName}/proxy`;

/** How many requests one tunnel carries at a time: watches stay open. */
export const maxTunnelStreams = 1000;

/**
 * A stream holds at most this much that its reader has not taken, on each side; the connection's own window is given back as
 * data arrives, so that one slow reader holds up nobody. RG-52
 */
export const tunnelSettings = {
  initialWindowSize: 256 * 1024,
  maxHeaderListSize: 64 * 1024,
  enablePush: false,
} as const;

/** Of a connection, beyond which nothing more is asked for until some of it has been taken on. */
export const tunnelConnectionWindow = 8 * 1024 * 1024;

/** MB that one HTTP/2 session may hold; node:http2 refuses streams beyond it. */
export const tunnelSessionMemory = 512;
