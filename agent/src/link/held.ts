import { X509Certificate } from 'node:crypto';
import { formatTime } from '@quarterdeck/apis';
import type { EpochMs } from '@quarterdeck/machinery';
import type { Validity } from './next-step.ts';
import type { AgentState } from './state-store.ts';

/** What the agent proves by who it is: one of the two makes of its identity. RG-7 */
export type Held =
  /** PEM. */
  { readonly make: 'certificate'; readonly certificate: string; readonly key: string } | HeldToken;

/** A token of the agent's own service account on the hub. */
export interface HeldToken {
  readonly make: 'token';
  readonly token: string;
  /** Name of the account, in the member's namespace. */
  readonly account: string;
  /** By the clock of the agent. */
  readonly issued: EpochMs;
  /** By the clock of the hub. */
  readonly expires: EpochMs;
}

/** What is kept between runs; undefined: nothing that proves anything. */
export function heldOf(state: AgentState): Held | undefined {
  const { certificate, key, token, tokenAccount: account } = state;
  if (token !== undefined && account !== undefined) {
    const [issued = 0, expires = 0] = [state.tokenIssued, state.tokenExpires].map(
      (time) => Date.parse(time ?? '') || 0,
    );
    return { make: 'token', token, account, issued, expires };
  }
  return certificate === undefined || key === undefined ? undefined : { make: 'certificate', certificate, key };
}

/** The state with this, and without what was held before; what was asked for is answered. */
export function withHeld(state: AgentState, held: Held): AgentState {
  const { hubCa } = state;
  const rest = hubCa === undefined ? {} : { hubCa };
  if (held.make === 'certificate') return { ...rest, certificate: held.certificate, key: held.key };
  const { token, account: tokenAccount, issued, expires } = held;
  return { ...rest, token, tokenAccount, tokenIssued: formatTime(issued), tokenExpires: formatTime(expires) };
}

/** From when to when it is good. */
export function validityOf(held: Held): Validity {
  if (held.make === 'token') return { notBefore: held.issued, notAfter: held.expires };
  const { validFromDate, validToDate } = new X509Certificate(held.certificate);
  return { notBefore: validFromDate.getTime(), notAfter: validToDate.getTime() };
}
