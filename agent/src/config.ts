import { type LoadedConfig, loadConfig } from '@quarterdeck/machinery';
import { z } from 'zod';

/** Also when fields are wrong by themselves, so that all problems are told at once. */
const always = { when: () => true };

const schema = z
  .object({
    clusterName: z
      .string('is required: the name of this cluster in the fleet')
      .regex(
        /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
        'must be a DNS label: lower-case letters, digits and dashes, at most 63',
      ),
    hub: z.url({
      protocol: /^https$/,
      error: ({ input }) =>
        input === undefined ? 'is required: the https:// URL of the hub' : 'must be the https:// URL of the hub',
    }),
    caHash: z
      .string()
      .regex(/^sha256:[0-9a-fA-F]{64}$/, 'must be sha256: and 64 hexadecimal digits')
      .optional(),
    caFile: z.string().min(1).optional(),
    caData: z
      .string()
      .regex(/^[A-Za-z0-9+/]+={0,2}$/, 'must be PEM in base64')
      .optional(),
    token: z
      .string()
      .regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, 'must look like abcdef.0123456789abcdef')
      .optional(),
    tokenFile: z.string().min(1).optional(),
    stateDir: z.string().min(1).optional(),
    stateSecret: z
      .string()
      .regex(/^[a-z0-9-]+\/[a-z0-9.-]+$/, 'must be NAMESPACE/NAME of a Secret on this cluster')
      .optional(),
    kubeconfig: z.string().min(1).optional(),
    cacheDir: z.string().min(1).optional(),
    executor: z
      .string()
      .regex(
        /^(none|[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9.-]*)$/,
        'must be namespace/name of a service account of the member, or none',
      )
      .optional(),
    evictionGrace: z
      .string()
      .regex(/^(never|[0-9]{1,9})$/, 'must be a number of seconds, or never')
      .default('3600'),
    context: z.string().min(1).optional(),
    tunnel: z
      .union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')], 'must be true or false')
      .default(false),
    tunnelUrl: z.array(z.url({ protocol: /^https$/, error: 'must be an https:// URL' })).default([]),
    tunnelCaFile: z.string().min(1).optional(),
    apiUrl: z.url({ protocol: /^https$/, error: 'must be an https:// URL' }).optional(),
    apiCaFile: z.string().min(1).optional(),
    logLevel: z
      .enum(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug')
      .default('info'),
  })
  .superRefine((config, context) => {
    const { caHash, caFile, caData, stateDir, stateSecret, tunnel, tunnelUrl, tunnelCaFile, apiUrl, apiCaFile } =
      config;
    if (stateDir !== undefined && stateSecret !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['stateSecret'],
        message: 'give a state directory or a Secret, not both',
      });
    }
    if ([caHash, caFile, caData].filter((each) => each !== undefined).length > 1) {
      const path = [caFile === undefined ? 'caData' : 'caFile'];
      context.addIssue({ code: 'custom', path, message: 'give one of a CA hash, a CA file and CA data' });
    }
    if (tunnelUrl.length > 0 && !tunnel) {
      context.addIssue({ code: 'custom', path: ['tunnelUrl'], message: 'needs --tunnel' });
    }
    if (tunnelCaFile !== undefined && tunnelUrl.length === 0) {
      const message = 'is the CA of --tunnel-url, which is not given';
      context.addIssue({ code: 'custom', path: ['tunnelCaFile'], message });
    }
    if (apiUrl !== undefined && !tunnel) {
      context.addIssue({
        code: 'custom',
        path: ['apiUrl'],
        message: 'needs --tunnel: tokens for that address are asked for through it',
      });
    }
    if (apiCaFile !== undefined && apiUrl === undefined) {
      context.addIssue({ code: 'custom', path: ['apiCaFile'], message: 'is the CA of --api-url, which is not given' });
    }
  }, always)
  .transform((config) => ({ ...config, stateDir: config.stateDir ?? '.quarterdeck/agent' }));

export type AgentConfig = z.output<typeof schema>;

/**
 * The agent's configuration: flags over environment (`QUARTERDECK_*`) over defaults.
 * @throws ConfigError with all problems at once
 */
export function loadAgentConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig<AgentConfig> {
  return loadConfig({
    schema,
    options: {
      clusterName: {},
      hub: {},
      caHash: {},
      caFile: {},
      caData: {},
      token: { secret: true },
      tokenFile: {},
      stateDir: {},
      stateSecret: {},
      kubeconfig: { env: 'KUBECONFIG' },
      cacheDir: {},
      executor: {},
      evictionGrace: {},
      context: {},
      tunnel: {},
      tunnelUrl: { list: true },
      tunnelCaFile: {},
      apiUrl: {},
      apiCaFile: {},
      logLevel: {},
    },
    flags,
    env,
  });
}
