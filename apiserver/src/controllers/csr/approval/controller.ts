import { CertificateSigningRequest, SubjectAccessReview } from '@quarterdeck/apis';
import { type Controller, createController, Result } from '@quarterdeck/machinery';
import { fieldManager } from '../../context.ts';
import { readRequest } from '../read-request.ts';
import type { CsrControllerOptions } from '../signing/controller.ts';
import { approved, isToBeApproved, rightNeeded } from './decide.ts';

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
        const review = rightNeeded({ csr, request: readRequest(csr) });
        if (review === undefined) return Result.done;
        const { status } = await certificateClient.create(SubjectAccessReview, review, { signal });
        if (status?.allowed !== true) return Result.done;
        const call = { subresource: 'approval', fieldManager, signal } as const;
        await certificateClient.update(CertificateSigningRequest, approved(csr, clock.now()), call);
        return Result.done;
      },
    },
  });
}
