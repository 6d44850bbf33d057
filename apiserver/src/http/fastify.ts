import type { Server } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import Fastify, { type FastifyHttp2SecureOptions, type FastifyHttpOptions, type FastifyInstance } from 'fastify';
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
/**
 * Of headers that were sent on a connection, a quarter of the usual: what all answers repeat fits, and a fleet keeps a connection
 * a member open. That of headers which come stays as it is, for clients made with Go 1.18 and older keep to no smaller one.
 */
const headerTableBytes = 1024;
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
  // The instances of HTTP/1.1 and HTTP/2 differ in the raw types only, which this file alone gets to see.
  const takeOver = (request: { raw: object }, reply: { raw: object; hijack(): unknown }) => {
    reply.hijack();
    serve(request.raw as RawRequest, reply.raw as RawResponse);
  };
  const options: FastifyHttpOptions<Server> = {
    logger: false,
    // A path that fastify cannot read is for the pipeline to refuse, like all others. KA-36
    frameworkErrors: (_error, request, reply) => takeOver(request, reply),
  };
  const fastify = pair === undefined ? plain(options) : secure(options, pair, patience);
  // Set here for both: fastify hands none of them to a server of HTTP/2, which serves HTTP/1.1 too.
  Object.assign(fastify.server, {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: patience.headersMs,
    requestTimeout: patience.requestMs,
    connectionsCheckingInterval: patience.lookMs,
    keepAliveTimeout: keepAliveMs,
  });
  fastify.addHook('onRequest', (request, reply, _done) => takeOver(request, reply));
  // Hooks run for matched routes and for the handler of what is not matched; so every request comes by.
  fastify.setNotFoundHandler((_request, reply) => reply.hijack());
  return fastify;
}

function plain(options: FastifyHttpOptions<Server>): FastifyInstance {
  return Fastify({ ...options, forceCloseConnections: true });
}

function secure(
  options: FastifyHttpOptions<Server>,
  { certificate, key }: KeyPairPem,
  { headersMs }: ClientPatience,
): FastifyInstance {
  const http2: FastifyHttp2SecureOptions<Http2SecureServer> = {
    ...(options as object),
    http2: true,
    https: {
      allowHTTP1: true,
      // As node:http has it; of node:http2 only HTTP/2 has. An answer in two pieces would wait 40 ms for the client to confirm one.
      noDelay: true,
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      handshakeTimeout: headersMs,
      // Certificates are judged by the pipeline, which answers with a Status where a broken handshake says nothing.
      requestCert: true,
      rejectUnauthorized: false,
      maxSessionMemory: 64,
      maxDeflateDynamicTableSize: headerTableBytes,
      settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, initialWindowSize: 1024 * 1024 },
      unknownProtocolTimeout: headersMs,
    },
    http2SessionTimeout: 0,
  };
  return Fastify(http2) as unknown as FastifyInstance;
}
