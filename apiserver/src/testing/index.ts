// storage
export { sharedTestPostgres, type TestPostgres } from './postgres.ts';
// servers
export { startTestServer, type TestServer, type TestServerOptions } from './server.ts';
