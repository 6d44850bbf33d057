import type { FieldError } from '@quarterdeck/apis';
import { equalValues, type JsonObject } from '@quarterdeck/machinery';
import { durationText } from '../pipeline/render/age.ts';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  stringsAt,
  unsupportedField,
  valueAt,
  withValue,
} from '../registry/fields.ts';
import { dnsSubdomainProblems } from '../registry/names.ts';
import { CertificateRequestError, parseCertificateRequest } from '../tls/certificate-request.ts';
import { certificateProblem } from './certificate-text.ts';
import { duplicates } from './checks.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from './columns.ts';
import { dataKind, status } from './data-kind.ts';

const usages = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
];

/** That of requests from before signers had names: whoever signs those asks nothing of them. */
const legacySigner = 'kubernetes.io/legacy-unknown';

/** Who asks is the server's to say: nothing of it may come from the request, not even where the user has none. SEC-6 */
function withoutIdentity({
  username: _name,
  uid: _uid,
  groups: _groups,
  extra: _extra,
  ...spec
}: JsonObject): JsonObject {
  return spec;
}

/** What the request holds, and what only the server says: who asked. KA-132 */
function validateCreate(csr: JsonObject): FieldError[] {
  const seconds = numberAt(csr, 'spec', 'expirationSeconds');
  const asked = stringsAt(csr, 'spec', 'usages');
  return [
    ...requestErrors(stringAt(csr, 'spec', 'request')),
    ...signerNameErrors(stringAt(csr, 'spec', 'signerName')),
    ...(asked.length === 0 ? [requiredField('spec.usages')] : []),
    ...asked
      .map((usage, index) => ({ usage, index }))
      .filter(({ usage }) => !usages.includes(usage))
      .map(({ usage, index }) => unsupportedField(`spec.usages[${index}]`, usage, usages)),
    ...duplicates(asked, (index) => `spec.usages[${index}]`),
    ...(seconds !== undefined && seconds < 600
      ? [
          invalidField(
            'spec.expirationSeconds',
            seconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
  ];
}

function requestErrors(base64: string): FieldError[] {
  if (base64 === '') return [requiredField('spec.request')];
  try {
    parseCertificateRequest(Buffer.from(base64, 'base64').toString('utf8'));
    return [];
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    return [invalidField('spec.request', '<request>', error.message)];
  }
}

function signerNameErrors(name: string): FieldError[] {
  if (name === '') return [requiredField('spec.signerName')];
  if (name === legacySigner) {
    return [invalidField('spec.signerName', name, 'the legacy signerName is not allowed via this API version')];
  }
  const [domain = '', path, ...rest] = name.split('/');
  if (path === undefined || rest.length > 0) {
    return [
      invalidField(
        'spec.signerName',
        name,
        'must be a fully qualified domain and path of the form "example.com/signer-name"',
      ),
    ];
  }
  return [...dnsSubdomainProblems(domain), ...dnsSubdomainProblems(path)].map((problem) =>
    invalidField('spec.signerName', name, problem),
  );
}

const conditionsOf = (csr: JsonObject, ...types: readonly string[]) =>
  objectsAt(csr, 'status', 'conditions').filter((condition) => types.includes(stringAt(condition, 'type')));

/** Conditions are exclusive and for good; the certificate is set once. */
function validateUpdate(csr: JsonObject, old: JsonObject): FieldError[] {
  const path = 'status.conditions';
  const certificate = valueAt(csr, 'status', 'certificate');
  const oldCertificate = valueAt(old, 'status', 'certificate');
  const lost = conditionsOf(old, 'Approved', 'Denied', 'Failed').filter(
    (condition) => conditionsOf(csr, stringAt(condition, 'type')).length === 0,
  );
  return [
    ...(conditionsOf(csr, 'Approved').length > 0 && conditionsOf(csr, 'Denied').length > 0
      ? [invalidField(path, 'Denied', 'Approved and Denied conditions are mutually exclusive')]
      : []),
    ...lost.map((condition) =>
      forbiddenField(path, `updates may not remove a condition of type "${stringAt(condition, 'type')}"`),
    ),
    ...conditionsOf(csr, 'Approved', 'Denied', 'Failed')
      .filter((condition) => stringAt(condition, 'status') !== 'True')
      .map((condition) =>
        invalidField(path, stringAt(condition, 'status'), 'Approved, Denied and Failed conditions may only be "True"'),
      ),
    ...duplicates(
      objectsAt(csr, 'status', 'conditions').map((condition) => stringAt(condition, 'type')),
      (index) => `${path}[${index}].type`,
    ),
    ...(oldCertificate !== undefined && !equalValues(certificate, oldCertificate)
      ? [forbiddenField('status.certificate', 'updates may not change it once it is set')]
      : []),
    // What a server stored that looked less closely stays.
    ...(equalValues(certificate, oldCertificate) ? [] : certificateErrors(certificate)),
  ];
}

function certificateErrors(certificate: unknown): FieldError[] {
  if (typeof certificate !== 'string' || certificate === '') return [];
  const problem = certificateProblem(Buffer.from(certificate, 'base64').toString('latin1'));
  return problem === undefined ? [] : [invalidField('status.certificate', '<certificate data>', problem)];
}

function conditionText(csr: JsonObject): string {
  const conditions = objectsAt(csr, 'status', 'conditions').map((condition) => stringAt(condition, 'type'));
  const decided = conditions.length === 0 ? ['Pending'] : conditions;
  return [...decided, ...(stringAt(csr, 'status', 'certificate') === '' ? [] : ['Issued'])].join(',');
}

/** Only the conditions change through it, and labels and annotations as with a status; all else is the signer's. */
function mergeApproval(stored: JsonObject, request: JsonObject): JsonObject {
  const conditions = valueAt(request, 'status', 'conditions');
  return withValue({ ...stored, metadata: objectAt(request, 'metadata') }, ['status', 'conditions'], conditions);
}

export const certificateSigningRequests = dataKind({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  scope: 'Cluster',
  shortNames: ['csr'],
  allColumns: [
    nameColumn,
    ageColumn,
    fieldColumn('SignerName', 'Who shall sign.', 'spec', 'signerName'),
    fieldColumn('Requestor', 'Who asked.', 'spec', 'username'),
    textColumn('RequestedDuration', 'How long the certificate shall be valid.', (csr) => {
      const seconds = numberAt(csr, 'spec', 'expirationSeconds');
      return seconds === undefined ? undefined : durationText(seconds * 1000);
    }),
    textColumn('Condition', 'What became of the request.', conditionText),
  ],
  selectableFields: [{ path: 'spec.signerName', value: (csr) => stringAt(csr, 'spec', 'signerName') }],
  subresources: { status, approval: { type: 'part', kind: 'CertificateSigningRequest', merge: mergeApproval } },
  strategy: {
    prepareForCreate: (csr, { user }) => ({
      ...csr,
      spec: {
        ...withoutIdentity(objectAt(csr, 'spec')),
        username: user.name,
        groups: [...user.groups],
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        ...(user.extra === undefined
          ? {}
          : { extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])) }),
      },
    }),
    prepareForUpdate: (csr, old) => ({ ...csr, spec: objectAt(old, 'spec') }),
    validateCreate,
    validateUpdate,
  },
});
