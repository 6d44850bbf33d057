import { type LoadedConfig, loadConfig } from '@quarterdeck/machinery';
import { z } from 'zod';

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$/, 'must be HOST:PORT, for example 127.0.0.1:6443 or [::1]:6443')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'the port must be at most 65535');

/** Also when fields are wrong by themselves, so that all problems are told at once. */
const always = { when: () => true };

const schema = z
  .object({
    listen: z.string().default('127.0.0.1:6443').pipe(address),
    publicUrl: z.url({ protocol: /^https$/, error: 'must be an https:// URL' }).optional(),
    tlsSan: z.array(z.string().min(1)).default([]),
    tlsCertFile: z.string().min(1).optional(),
    tlsKeyFile: z.string().min(1).optional(),
    tlsCaFile: z.string().min(1).optional(),
    dataDir: z.string().min(1).default('.quarterdeck/hub'),
    database: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// URL; leave it out for the embedded PostgreSQL')
      .optional(),
    encryptionKeyFile: z.string().min(1).optional(),
    kubeconfig: z.string().min(1).optional(),
    context: z.string().min(1).optional(),
    logLevel: z
      .enum(['silent', 'error', 'warn', 'info', 'debug'], 'must be silent, error, warn, info or debug')
      .default('info'),
    leaderIdentity: z.string().min(1).optional(),
  })
  .superRefine((config, context) => {
    if ((config.tlsCertFile === undefined) !== (config.tlsKeyFile === undefined)) {
      const path = [config.tlsCertFile === undefined ? 'tlsCertFile' : 'tlsKeyFile'];
      context.addIssue({ code: 'custom', path, message: 'certificate and key files come together' });
    }
    if (config.context !== undefined && config.kubeconfig === undefined) {
      context.addIssue({ code: 'custom', path: ['context'], message: 'needs --kubeconfig' });
    }
    if (config.kubeconfig === undefined) {
      if (config.tlsCaFile === undefined) return;
      context.addIssue({ code: 'custom', path: ['tlsCaFile'], message: 'needs --kubeconfig: this hub has a CA' });
      return;
    }
    // A Kubernetes hub has no CA of ours to make a certificate for the port of this program.
    if ((config.publicUrl === undefined) !== (config.tlsCertFile === undefined)) {
      const path = [config.publicUrl === undefined ? 'publicUrl' : 'tlsCertFile'];
      const message = 'with --kubeconfig, --public-url and certificate and key files come together: they open the port';
      context.addIssue({ code: 'custom', path, message });
    }
    // Neither is there a database of ours: saying one is a mistake, not a wish.
    for (const field of ['database', 'encryptionKeyFile'] as const) {
      if (config[field] !== undefined) {
        context.addIssue({ code: 'custom', path: [field], message: 'cannot be used together with --kubeconfig' });
      }
    }
  }, always);

export type HubConfig = z.output<typeof schema>;

/**
 * The hub's configuration: flags over environment (`QUARTERDECK_*`) over defaults.
 * @param flags by field name, as the command line parser returns them
 * @throws ConfigError with all problems at once
 */
export function loadHubConfig(
  flags: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
): LoadedConfig<HubConfig> {
  return loadConfig({
    schema,
    options: {
      listen: {},
      publicUrl: {},
      tlsSan: { list: true },
      tlsCertFile: {},
      tlsKeyFile: {},
      tlsCaFile: {},
      dataDir: {},
      database: {},
      encryptionKeyFile: {},
      kubeconfig: {},
      context: {},
      logLevel: {},
      leaderIdentity: {},
    },
    flags,
    env,
  });
}
