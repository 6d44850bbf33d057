import {
  CertificateSigningRequest,
  ClusterRole,
  ConfigMap,
  CustomResourceDefinition,
  Namespace,
  ServiceAccount,
} from '@quarterdeck/apis';
import { createInformer, type Informer } from '@quarterdeck/machinery';
import { crdController } from '../crd/crd-controller.ts';
import { policyTypeChecking } from './admission-policy/type-checking/controller.ts';
import { localServices } from './api-service/local/controller.ts';
import { clientAuthority } from './config-map/client-authority/controller.ts';
import type { Background, ControllerContext } from './context.ts';
import { controllerUser } from './context.ts';
import { csrApproval } from './csr/approval/controller.ts';
import { csrCleanup } from './csr/cleanup/controller.ts';
import { csrSigning } from './csr/signing/controller.ts';
import { eventExpiry } from './event/expiry/controller.ts';
import { danglingSchemas } from './flow-schema/dangling/controller.ts';
import { suggestedFlowControl } from './flow-schema/suggested/controller.ts';
import { garbageCollector } from './garbage-collector/controller.ts';
import { namespaceDefaults } from './namespace/defaults/controller.ts';
import { defaultAccountName, rootCaName } from './namespace/defaults/decide.ts';
import { namespaceDeletion } from './namespace/deletion/controller.ts';
import { quotaStatus } from './resource-quota/status/controller.ts';
import { gathererIndex, roleAggregation } from './role/aggregation/controller.ts';
import { accountTokens } from './service-account/tokens/controller.ts';

/**
 * The controllers that make an API server of a store of objects: namespaces, garbage, certificates, roles, quotas, events. One
 * server process runs them at a time (a Lease says which). KA-146
 */
export function createApiControllers(context: ControllerContext): Background {
  const { client, clock, logger } = context;
  const shared = { clock, logger };
  const certificateClient = client(controllerUser('certificate-controller'));
  const defaultsClient = client(controllerUser('namespace-defaults-controller'));
  const namespaceClient = client(controllerUser('namespace-controller'));
  const aggregationClient = client(controllerUser('clusterrole-aggregation-controller'));
  const crdClient = client(controllerUser('crd-controller'));
  const crds = createInformer(crdClient, CustomResourceDefinition, shared);
  const requests = createInformer(certificateClient, CertificateSigningRequest, shared);
  const namespaces = createInformer(namespaceClient, Namespace, shared);
  const clusterRoles = createInformer(aggregationClient, ClusterRole, { ...shared, index: gathererIndex });
  const named = (name: string) => ({ ...shared, fieldSelector: `metadata.name=${name}` });
  const defaultAccounts = createInformer(defaultsClient, ServiceAccount, named(defaultAccountName));
  const rootCas = createInformer(defaultsClient, ConfigMap, named(rootCaName));
  const informers: Pick<Informer<Namespace>, 'start'>[] = [
    crds,
    requests,
    namespaces,
    clusterRoles,
    defaultAccounts,
    rootCas,
  ];
  const controllers: Background[] = [
    crdController({ ...context, crdClient, crds }),
    csrApproval({ ...context, certificateClient, requests }),
    csrSigning({ ...context, certificateClient, requests }),
    csrCleanup({ ...context, certificateClient, requests }),
    namespaceDefaults({ ...context, defaultsClient, namespaces, defaultAccounts, rootCas }),
    namespaceDeletion({ ...context, namespaceClient, namespaces }),
    roleAggregation({ ...context, aggregationClient, clusterRoles }),
    eventExpiry({ ...context, eventClient: client(controllerUser('event-ttl-controller')) }),
    accountTokens({ ...context, tokensClient: client(controllerUser('tokens-controller')) }),
    localServices({ ...context, servicesClient: client(controllerUser('apiservice-controller')) }),
    clientAuthority({ ...context, authorityClient: client(controllerUser('client-authority-controller')) }),
    quotaStatus({ ...context, quotaClient: client(controllerUser('resourcequota-controller')) }),
    policyTypeChecking({
      ...context,
      policyClient: client(controllerUser('validatingadmissionpolicy-status-controller')),
    }),
    suggestedFlowControl({ ...context, suggestionsClient: client(controllerUser('flow-schema-controller')) }),
    danglingSchemas({ ...context, schemasClient: client(controllerUser('flow-schema-controller')) }),
    garbageCollector({ ...context, collectorClient: client(controllerUser('generic-garbage-collector')) }),
  ];
  const stopped = Promise.withResolvers<void>();
  return {
    name: 'apiserver',
    stopped: stopped.promise,
    start(signal) {
      for (const controller of controllers) controller.start(signal);
      const running = informers.map((informer) => informer.start(signal));
      const all = [...running, ...controllers.map((controller) => controller.stopped)];
      void Promise.all(all).then(() => stopped.resolve());
    },
  };
}
