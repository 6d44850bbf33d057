import manifest from '../package.json' with { type: 'json' };

/** Of all packages alike. */
export const version: string = manifest.version;
