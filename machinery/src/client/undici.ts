import api from 'undici/lib/api/index.js';
import buildConnector from 'undici/lib/core/connect.js';
import UndiciClient from 'undici/lib/dispatcher/client.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import Pool from 'undici/lib/dispatcher/pool.js';

/**
 * The part of undici that we use. Its main entry also loads fetch, WebSocket, caches and mocks: 12 MB of memory in every
 * agent, and 80 files at every start, of which nothing is called. BM-10, BM-12
 */
Object.assign(Dispatcher.prototype, api); // as its main entry does

export { buildConnector, Pool, UndiciClient };
