import { ManifestReason } from '@quarterdeck/apis';
import type { HubSecret, HubSecrets } from './hub-secrets.ts';
import { contentHash, type ReadManifest } from './manifest.ts';
import type { ManifestResult } from './manifest-result.ts';
import type { Applicable } from './sort-out.ts';

export interface Joined {
  readonly applicable: readonly Applicable[];
  /** Of the manifests whose Secret cannot be had, by ordinal: what stands on the member stays as it is. */
  readonly results: ReadonlyMap<number, ManifestResult>;
}

/** Manifests of Secrets with the data that they refer to. What was joined is told nowhere, and kept nowhere. DL-31, SEC-12 */
export async function joinSecrets(
  secrets: HubSecrets,
  applicable: readonly Applicable[],
  signal: AbortSignal,
): Promise<Joined> {
  const results = new Map<number, ManifestResult>();
  const joined: Applicable[] = [];
  for (const each of applicable) {
    const { manifest } = each;
    const { secretDataFrom } = manifest.policy;
    if (secretDataFrom === undefined) {
      joined.push(each);
      continue;
    }
    const secret = await secrets.read(secretDataFrom, signal);
    if ('problem' in secret) results.set(manifest.ordinal, unavailable(each, secret.problem));
    else joined.push({ ...each, manifest: withSecret(manifest, secret) });
  }
  return { applicable: joined, results };
}

/**
 * The manifest with its data. Its hash changes when the Secret is written, and is made of its version alone: a hash of the data
 * would let everybody who reads it try out what the data might be.
 */
export function withSecret(manifest: ReadManifest, { data, type, version }: HubSecret): ReadManifest {
  const { object } = manifest;
  const kind = object.type ?? type;
  return {
    ...manifest,
    object: { ...object, ...(kind === undefined ? {} : { type: kind }), data },
    hash: contentHash([manifest.hash, version]),
  };
}

function unavailable({ manifest, type }: Applicable, message: string): ManifestResult {
  const { ordinal, gvk, namespace, name, policy } = manifest;
  return {
    identifier: { ordinal, ...gvk, resource: type.plural, namespace, name },
    gvk,
    policy,
    problem: { reason: ManifestReason.SecretUnavailable, message },
  };
}
