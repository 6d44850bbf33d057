import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import type { CertificateSource, LivePki } from '@quarterdeck/apiserver';
import { certificatesOf, joinBundles } from '@quarterdeck/machinery';
import type { ListeningOptions } from './listening.ts';

/** By which CAs a hub is known at its address, and who wants to hear when they are others. */
interface KnownBy {
  /** PEM, each once: the hub's own CAs first, then what vouches for the operator's serving certificate, where it has one. */
  readonly caPem: string;
  onChange(listener: () => void): Disposable;
}

/**
 * The hub's own CAs alone verify no certificate that another CA signed, so what clients are given holds that CA beside them.
 * KA-144, RG-51
 * @throws Error when the file of that CA cannot be read, or holds no certificate
 */
export async function knownBy(
  { certificateFiles }: Pick<ListeningOptions, 'certificateFiles'>,
  { pki, certificate }: { readonly pki: LivePki; readonly certificate: CertificateSource },
): Promise<KnownBy> {
  if (certificateFiles === undefined) {
    return {
      get caPem() {
        return pki.caBundle;
      },
      onChange: pki.onChange,
    };
  }
  const { caFile } = certificateFiles;
  const told = caFile === undefined ? undefined : await readCa(caFile);
  /** Profiles and conditions ask at each visit, and it changes with a rotation or a new certificate only. */
  let last: { readonly own: string; readonly chain: string; readonly caPem: string } | undefined;
  return {
    get caPem() {
      const [own, chain] = [pki.caBundle, certificate.current.certificate];
      if (last?.own !== own || last.chain !== chain) {
        last = { own, chain, caPem: joinBundles(own, told ?? anchorsOf(chain)) };
      }
      return last.caPem;
    },
    onChange(listener) {
      const following = new DisposableStack();
      following.use(pki.onChange(listener));
      following.use(certificate.onChange(listener));
      return following;
    },
  };
}

async function readCa(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`CA file ${file} cannot be read (${cause.code})`, { cause });
  });
  if (certificatesOf(text).length === 0) throw new Error(`CA file ${file} holds no certificate in PEM`);
  return text;
}

/**
 * What verifies a chain, where nobody has said it: the root that it ends in, which stands in it or is one that programs trust
 * anyway. Without such a one the chain itself, which is enough for kubectl, though not for programs of Node.
 * @param chain PEM: the certificate, then intermediates
 */
export function anchorsOf(chain: string): string {
  const shown = certificatesOf(chain);
  const roots = shown.filter((each) => isIssuedBy(each, each));
  if (roots.length > 0) return roots.map(String).join('');
  const last = shown.at(-1);
  const known = last && getCACertificates('default').find((root) => isIssuedBy(last, new X509Certificate(root)));
  return known ?? chain;
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
