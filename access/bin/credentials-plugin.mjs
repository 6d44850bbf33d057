#!/usr/bin/env node
// A credentials plugin of the cluster inventory: `credentials-plugin.mjs NAME`, run by consumers (docs/guides/access.md).
import { main } from '../src/plugins/main.ts';

await main({ program: 'credentials-plugin', args: process.argv.slice(2) });
