import { invalid } from '@quarterdeck/apis';
import {
  equalValues,
  forbidden as forbiddenField,
  goQuote,
  invalidOmitted,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '@quarterdeck/machinery';
import type { AdmissionAttributes, AdmissionContext, AdmissionPlugin } from '../admission/admission.ts';
import { CertificateRequestError, parseCertificateRequest } from '../tls/certificate-request.ts';
import { forbiddenObject } from './forbidden.ts';
import { privilegedGroup } from './rbac-authorizer.ts';

const group = 'certificates.k8s.io';
const plural = 'certificatesigningrequests';
const clientSigner = 'kubernetes.io/kube-apiserver-client';

/**
 * What a certificate request may ask, and who may approve and sign it. KA-132, KA-133
 *
 * - On create the PKCS#10 text must be sound, and nobody gets `system:masters` from the client signer (SEC-2).
 * - `/approval` needs the verb `approve` on the signer, `/status` the verb `sign` where it touches the certificate or
 *   the conditions, of which Approved and Denied are not its to set. The signer is that of the stored request, whatever
 *   the update says.
 */
export const certificateRequestPlugin: AdmissionPlugin = {
  name: 'CertificateSigningRequests',
  handles: (attributes) =>
    attributes.group === group &&
    attributes.resource === plural &&
    (attributes.operation === 'CREATE' ? attributes.subresource === '' : attributes.operation === 'UPDATE'),
  validate(attributes, context) {
    const { object, oldObject, subresource } = attributes;
    if (object === undefined) return;
    if (attributes.operation === 'CREATE') return checkRequest(attributes, object);
    if (oldObject === undefined) return;
    if (subresource === 'approval') return requireSignerRight('approve', attributes, oldObject, context);
    if (subresource !== 'status' || !changesOutcome(object, oldObject)) return;
    requireSignerRight('sign', attributes, oldObject, context);
    refuseApproval(attributes, object, oldObject);
  },
};

function checkRequest({ name }: AdmissionAttributes, object: JsonObject): void {
  const spec = specOf(object);
  const encoded = typeof spec.request === 'string' ? spec.request : '';
  const pem = Buffer.from(encoded, 'base64').toString('latin1');
  try {
    const { subject } = parseCertificateRequest(pem);
    if (spec.signerName === clientSigner && subject.organizations.includes(privilegedGroup)) {
      const why = `use of ${clientSigner} signer with ${privilegedGroup} group is not allowed`;
      throw forbiddenObject({ group, plural }, name, why);
    }
  } catch (error) {
    if (!(error instanceof CertificateRequestError)) throw error;
    // The value is left out of the message: it may be very long.
    throw invalid({ group, kind: 'CertificateSigningRequest' }, name, [invalidOmitted('spec.request', error.message)]);
  }
}

function requireSignerRight(
  verb: 'approve' | 'sign',
  attributes: AdmissionAttributes,
  stored: JsonObject,
  context: AdmissionContext,
): void {
  const signer = specOf(stored).signerName;
  const signerName = typeof signer === 'string' ? signer : '';
  // A right on `example.com/*` holds for every signer of that domain.
  const names = [signerName, `${signerName.split('/')[0]}/*`];
  const right = {
    user: attributes.user,
    verb,
    group,
    version: '*',
    resource: 'signers',
    subresource: '',
    namespace: '',
  };
  if (names.some((name) => context.authorizer.authorize({ ...right, name }).allowed)) return;
  const why = `user not permitted to ${verb} requests with signerName ${goQuote(signerName)}`;
  throw forbiddenObject({ group, plural }, attributes.name, why);
}

/** Who may sign may not approve by the way. */
function refuseApproval({ name }: AdmissionAttributes, object: JsonObject, oldObject: JsonObject): void {
  for (const type of ['Approved', 'Denied']) {
    const [next, old] = [conditionsOf(object, type), conditionsOf(oldObject, type)];
    if (equalValues(next, old)) continue;
    const why = `updates of the status may not add, change or remove a condition of type ${goQuote(type)}`;
    throw invalid({ group, kind: 'CertificateSigningRequest' }, name, [forbiddenField('status.conditions', why)]);
  }
}

function conditionsOf(object: JsonObject, type: string): JsonValue[] {
  const { conditions } = statusOf(object);
  return Array.isArray(conditions) ? conditions.filter((one) => isJsonObject(one) && one.type === type) : [];
}

/** Labels and annotations may be changed through `/status` too, without the right to sign. */
function changesOutcome(object: JsonObject, oldObject: JsonObject): boolean {
  const [next, old] = [statusOf(object), statusOf(oldObject)];
  return !equalValues(next.certificate, old.certificate) || !equalValues(next.conditions, old.conditions);
}

const specOf = ({ spec }: JsonObject): JsonObject => (isJsonObject(spec) ? spec : {});
const statusOf = ({ status }: JsonObject): JsonObject => (isJsonObject(status) ? status : {});
