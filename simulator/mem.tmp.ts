import { startSimulatedFleet } from './src/index.ts';
const gc = (globalThis as any).gc as () => void;
const settle = async () => { for (let i = 0; i < 5; i++) { await new Promise((r) => setTimeout(r, 300)); gc(); } };
await startSimulatedFleet({ count: 3 });
await settle();
const m0 = process.memoryUsage(); const n = Number(process.argv[2] ?? 100);
const t0 = performance.now(); const c0 = process.cpuUsage();
const fleet = await startSimulatedFleet({ names: Array.from({ length: n }, (_, i) => `x${i}`) });
console.log('start ms/member', (performance.now() - t0) / n);
await settle();
const m1 = process.memoryUsage();
for (const k of ['heapUsed', 'external', 'arrayBuffers', 'rss'] as const) console.log(k, Math.round((m1[k] - m0[k]) / n / 1024), 'KB/member');
const c1 = process.cpuUsage(); await new Promise((r) => setTimeout(r, 3000)); const c2 = process.cpuUsage(c1);
console.log('idle cpu %', (c2.user + c2.system) / 3e4, 'timers', process.getActiveResourcesInfo().filter((x) => x === 'Timeout').length);
if (process.argv[3]) { const { writeHeapSnapshot } = await import('node:v8'); writeHeapSnapshot(process.argv[3]); }
process.exit(0);
