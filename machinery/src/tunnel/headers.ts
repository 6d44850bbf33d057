/** Header fields by lower-case name. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;
type Passed = Record<string, string | string[]>;

/** Of one connection, not of the message. RFC 9110, 7.6.1 */
const hopByHop = new Set([
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What says, or could be read to say, who asks. Both ends drop it: the agent trusts no hub with it. RG-50, SEC-6 */
const identity =
  /^(?:authorization$|cookie$|impersonate-|x-remote-|x-forwarded-|x-client-cert|x-ssl-|forwarded$|front-end-|quarterdeck-tunnel-)/;

/** Things of the member's own server that would speak for the hub's address. */
const ofServer = /^(?:set-cookie2?$|alt-svc$|strict-transport-security$|quarterdeck-tunnel-)/;

/** A subprotocol of WebSocket by which Kubernetes clients may send a bearer token. */
const bearerProtocol = /^base64url\.bearer\.authorization\.k8s\.io\./i;

/** The headers of a request that pass from a client to the member. Pure; applied by the hub and by the agent again. */
export function requestHeaders(given: HeaderFields): Passed {
  const passed = pass(given, (name) => !identity.test(name));
  const protocols = passed['sec-websocket-protocol'];
  if (protocols === undefined) return passed;
  const kept = [protocols]
    .flat()
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '' && !bearerProtocol.test(value));
  const { 'sec-websocket-protocol': _all, ...others } = passed;
  return kept.length === 0 ? others : { ...others, 'sec-websocket-protocol': kept.join(', ') };
}

/** The headers of an answer that pass from the member to a client. Pure. */
export const answerHeaders = (given: HeaderFields): Passed => pass(given, (name) => !ofServer.test(name));

/**
 * Headers of a request to switch protocols, or of the answer that does, without the length of a body: HTTP/2 would break the
 * stream off as soon as more than that is on it. kubectl sends `content-length: 0` with its POST for SPDY. Pure. RG-52
 */
export function switchingHeaders({ 'content-length': _none, ...others }: Passed): Passed {
  return others;
}

function pass(given: HeaderFields, allows: (name: string) => boolean): Passed {
  // What a Connection header names is of that connection too.
  const named = new Set(
    [given.connection ?? []]
      .flat()
      .flatMap((value) => value.split(','))
      .map((value) => value.trim().toLowerCase()),
  );
  const passed: Passed = Object.create(null);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || name.startsWith(':') || name !== name.toLowerCase()) continue;
    if (hopByHop.has(name) || named.has(name) || !allows(name)) continue;
    passed[name] = typeof value === 'string' ? value : [...value];
  }
  return passed;
}
