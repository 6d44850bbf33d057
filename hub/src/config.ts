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

/** Names of headers, or what they begin with. RFC 9110, 5.6.2 */
const headerNames = z
  .array(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'must be the name of a header'))
  .default([]);

/** What belongs to front proxies beside the file of their CAs. */
const proxyFields = [
  'requestheaderAllowedNames',
  'requestheaderUsernameHeaders',
  'requestheaderUidHeaders',
  'requestheaderGroupHeaders',
  'requestheaderExtraHeadersPrefix',
] as const;

/** What there is of a hub that serves the API itself, and not beside Kubernetes. */
const fieldsOfOwnApi = [
  'database',
  'encryptionKeys',
  'encryptionKeyFile',
  'tokenAuthFile',
  'requestheaderClientCaFile',
] as const;

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
    encryptionKeys: z.string().min(1).optional(),
    encryptionKeyFile: z.string().min(1).optional(),
    tokenAuthFile: z.string().min(1).optional(),
    requestheaderClientCaFile: z.string().min(1).optional(),
    requestheaderAllowedNames: z.array(z.string().regex(/\S/, 'must not be empty')).default([]),
    requestheaderUsernameHeaders: headerNames,
    requestheaderUidHeaders: headerNames,
    requestheaderGroupHeaders: headerNames,
    requestheaderExtraHeadersPrefix: headerNames,
    kubeconfig: z.string().min(1).optional(),
    context: z.string().min(1).optional(),
    agentIdentity: z.enum(['certificate', 'token'], 'must be certificate or token').default('certificate'),
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
    for (const field of proxyFields) {
      if (config.requestheaderClientCaFile !== undefined || (config[field]?.length ?? 0) === 0) continue;
      context.addIssue({ code: 'custom', path: [field], message: 'needs --requestheader-client-ca-file' });
    }
    if (config.requestheaderClientCaFile !== undefined && config.requestheaderUsernameHeaders?.length === 0) {
      const message = 'needs --requestheader-username-headers, as X-Remote-User: nobody would be named without';
      context.addIssue({ code: 'custom', path: ['requestheaderClientCaFile'], message });
    }
    const uidHeaders = config.requestheaderUidHeaders ?? [];
    if (uidHeaders.length > 0 && !uidHeaders.some((name) => name.toLowerCase() === 'x-remote-uid')) {
      const message = 'must contain X-Remote-Uid, which is the one that API servers send';
      context.addIssue({ code: 'custom', path: ['requestheaderUidHeaders'], message });
    }
    if (config.encryptionKeys !== undefined && config.encryptionKeyFile !== undefined) {
      const message = 'is the earlier name of --encryption-keys: give one of them';
      context.addIssue({ code: 'custom', path: ['encryptionKeyFile'], message });
    }
    if (config.tlsCaFile !== undefined && config.tlsCertFile === undefined) {
      const message = 'needs --tls-cert-file: it is the CA of that certificate';
      context.addIssue({ code: 'custom', path: ['tlsCaFile'], message });
    }
    if (config.kubeconfig === undefined) return;
    // A Kubernetes hub has no CA of ours to make a certificate for the port of this program.
    if ((config.publicUrl === undefined) !== (config.tlsCertFile === undefined)) {
      const path = [config.publicUrl === undefined ? 'publicUrl' : 'tlsCertFile'];
      const message = 'with --kubeconfig, --public-url and certificate and key files come together: they open the port';
      context.addIssue({ code: 'custom', path, message });
    }
    // Neither is there a database of ours: saying one is a mistake, not a wish.
    for (const field of fieldsOfOwnApi) {
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
      encryptionKeys: {},
      encryptionKeyFile: {},
      tokenAuthFile: {},
      requestheaderClientCaFile: {},
      requestheaderAllowedNames: { list: true },
      requestheaderUsernameHeaders: { list: true },
      requestheaderUidHeaders: { list: true },
      requestheaderGroupHeaders: { list: true },
      requestheaderExtraHeadersPrefix: { list: true },
      kubeconfig: {},
      context: {},
      agentIdentity: {},
      logLevel: {},
      leaderIdentity: {},
    },
    flags,
    env,
  });
}
