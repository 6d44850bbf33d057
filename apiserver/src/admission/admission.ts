import type { JsonObject } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { Store } from '../cache/store.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Absent on DELETE. */
  readonly object: JsonObject | undefined;
  /** Absent on CREATE. */
  readonly oldObject: JsonObject | undefined;
}

export interface AdmissionContext {
  readonly store: Store;
  readonly authorizer: Authorizer;
  /** Adds a Warning header. KA-62 */
  warn(text: string): void;
}

/**
 * One built-in admission rule. Policies and webhooks will be two more of these (KA-135). `mutate` runs before schema
 * validation and returns the object to go on with; `validate` runs after. Both refuse by throwing ApiError.
 */
export interface AdmissionPlugin {
  readonly name: string;
  handles(attributes: AdmissionAttributes): boolean;
  mutate?(attributes: AdmissionAttributes & { object: JsonObject }, context: AdmissionContext): JsonObject;
  validate?(attributes: AdmissionAttributes, context: AdmissionContext): void;
}
