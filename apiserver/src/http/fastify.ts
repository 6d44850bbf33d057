import Fastify, { type FastifyInstance } from 'fastify';
import type { KeyPairPem } from '../tls/authority.ts';
import type { RawRequest } from './request.ts';
import type { RawResponse } from './respond.ts';

const maxHeaderBytes = 64 * 1024;
const headersTimeoutMs = 10_000;
/** Receiving a whole request; a response may take for ever. KA-140 */
const requestTimeoutMs = 60_000;
const keepAliveMs = 90_000;
/** Informers keep dozens of watches on one connection. KA-140 */
const maxStreams = 1000;

/**
 * The only fastify: HTTP/2 and HTTP/1.1 by ALPN over TLS, or plain HTTP/1.1. It routes nothing and parses nothing:
 * every request is taken over before its body is looked at.
 */
export function buildFastify(
  pair: KeyPairPem | undefined,
  serve: (raw: RawRequest, response: RawResponse) => void,
): FastifyInstance {
  // The two instance types differ in the raw types only, which this file alone gets to see.
  const fastify = (pair === undefined ? plain() : secure(pair)) as unknown as FastifyInstance;
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
    http: { maxHeaderSize: maxHeaderBytes, headersTimeout: headersTimeoutMs },
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: true,
  });
}

function secure({ certificate, key }: KeyPairPem) {
  return Fastify({
    logger: false,
    http2: true,
    https: {
      allowHTTP1: true,
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      // Certificates are judged by the pipeline, which answers with a Status where a broken handshake says nothing.
      requestCert: true,
      rejectUnauthorized: false,
      maxSessionMemory: 64,
      settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
      unknownProtocolTimeout: headersTimeoutMs,
    },
    http2SessionTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestTimeoutMs,
  });
}
