import Fastify, { type FastifyInstance } from 'fastify';
import type { KeyPairPem } from '../tls/authority.ts';
import type { RawRequest } from './request.ts';
import type { RawResponse } from './respond.ts';

/** How long a client may take; its connection is closed then. All in milliseconds. KA-140b, BI-29d */
export interface ClientPatience {
  /** To agree on TLS, and again to send the headers of a request over HTTP/1.1. */
  readonly headersMs: number;
  /** To send a whole request over HTTP/1.1; a response may take for ever. */
  readonly requestMs: number;
  /** How late the limits above may be kept over HTTP/1.1; over HTTP/2, how long a body may go on after its answer. */
  readonly lookMs: number;
}

export const usualPatience: ClientPatience = Object.freeze({ headersMs: 10_000, requestMs: 60_000, lookMs: 2_000 });

const maxHeaderBytes = 64 * 1024;
const keepAliveMs = 90_000;
/** Informers keep dozens of watches on one connection. KA-140 */
const maxStreams = 1000;

/**
 * The only fastify: HTTP/2 and HTTP/1.1 by ALPN over TLS, or plain HTTP/1.1. It routes nothing and parses nothing:
 * every request is taken over before its body is looked at.
 */
export function buildFastify(
  { pair, patience }: { readonly pair: KeyPairPem | undefined; readonly patience: ClientPatience },
  serve: (raw: RawRequest, response: RawResponse) => void,
): FastifyInstance {
  // The two instance types differ in the raw types only, which this file alone gets to see.
  const fastify = (pair === undefined ? plain() : secure(pair, patience)) as unknown as FastifyInstance;
  // Set here for both: fastify hands none of them to a server of HTTP/2, which serves HTTP/1.1 too.
  Object.assign(fastify.server, {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.lookMs,
    keepAliveTimeout: keepAliveMs,
  });
  fastify.addHook('onRequest', (request, reply, _done) => {
    reply.hijack();
    serve(request.raw, reply.raw);
  });
  // Hooks run for matched routes and for the handler of what is not matched; so every request comes by.
  fastify.setNotFoundHandler((_request, reply) => reply.hijack());
  return fastify;
}

function plain() {
  return Fastify({
    logger: false,
    forceCloseConnections: true,
  });
}

function secure({ certificate, key }: KeyPairPem, { headersMs }: ClientPatience) {
  return Fastify({
    logger: false,
    http2: true,
    https: {
      allowHTTP1: true,
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      handshakeTimeout: headersMs,
      // Certificates are judged by the pipeline, which answers with a Status where a broken handshake says nothing.
      requestCert: true,
      rejectUnauthorized: false,
      maxSessionMemory: 64,
      settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
      unknownProtocolTimeout: headersMs,
    },
    http2SessionTimeout: 0,
  });
}
