import { CertificateSigningRequest, SubjectAccessReview } from '@quarterdeck/apis';
import { type Controller, createController, Result } from '@quarterdeck/machinery';
import { fieldManager } from '../../context.ts';
import { readRequest } from '../read-request.ts';
import type { CsrControllerOptions } from '../signing/controller.ts';
import { approved, isToBeApproved, rightsNeeded } from './decide.ts';

/** Requests for client certificates of nodes -> approved, where the requester has the right to it. KA-133 */
export function csrApproval(options: CsrControllerOptions): Controller {
  const { certificateClient, requests, clock } = options;
  return createController({
    ...options,
    name: 'certificatesigningrequest.approval',
    primary: requests,
    reconciler: {
      async reconcile(key, { signal }) {
        const csr = requests.get(key);
        if (csr === undefined || !isToBeApproved(csr)) return Result.done;
        for (const review of rightsNeeded({ csr, request: readRequest(csr) })) {
          const { status } = await certificateClient.create(SubjectAccessReview, review, { signal });
          if (status?.allowed !== true) continue;
          const call = { subresource: 'approval', fieldManager, signal } as const;
          await certificateClient.update(CertificateSigningRequest, approved(csr, clock.now()), call);
          break;
        }
        return Result.done;
      },
    },
  });
}
