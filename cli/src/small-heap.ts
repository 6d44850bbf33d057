import { setFlagsFromString } from 'node:v8';

/**
 * Has this process spend CPU time rather than memory: new objects get 2 MB instead of up to 48, and old ones are collected
 * when they have grown by a fifth instead of up to four times. For an agent, which is a small thing beside the workloads of
 * its cluster and has little to do. To be called before much is loaded; what V8 has taken it gives back late. BM-10
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=20');
  keepSlabsSmall();
}

/**
 * Small buffers share slabs, of 64 KB since Node.js 24, and one that lives long keeps all of its slab. Every connection has
 * one such (its ALPN list), every idle watch another (the last frame it sent): 100 KB of the hub for each member. BM-11
 */
export function keepSlabsSmall(): void {
  Buffer.poolSize = 4_096;
}
