import manifest from '../package.json' with { type: 'json' };

/** Of this package; all packages share one version. */
export const agentVersion: string = manifest.version;
