/**
 * Node's `http`. To import it as a module costs 14 MB and 40 ms of CPU at every start of hub and agent: what it exports
 * includes WebSocket, and whoever lists its exports loads all of fetch with that. BM-10, BM-12
 */
export const nodeHttp = process.getBuiltinModule('node:http');
