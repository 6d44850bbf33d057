import type { JsonObject } from '@quarterdeck/machinery';
import type { UserInfo } from '../authn/authenticator.ts';
import type { Authorizer } from '../authz/authorizer.ts';
import type { Store } from '../cache/store.ts';
import type { WriteOperation } from '../storage/storage.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: Operation;
  /** Of the resource. */
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** Of the objects. */
  readonly kind: string;
  /** Of the objects, where it is not that of the resource: a Scale is of autoscaling/v1, whatever it scales. KA-65 */
  readonly objectVersion?: { readonly group: string; readonly version: string };
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Absent on DELETE. */
  readonly object: JsonObject | undefined;
  /** Absent on CREATE. */
  readonly oldObject: JsonObject | undefined;
  /** The request's options, as an object of meta.k8s.io. Absent where a request has none. */
  readonly options?: JsonObject;
}

export interface AdmissionContext {
  readonly store: Store;
  readonly authorizer: Authorizer;
  /** Epoch ms. */
  readonly now: number;
  /** Uniform in [0, 1): names, nothing secret. */
  readonly random: () => number;
  /** Adds a Warning header. KA-62 */
  warn(text: string): void;
  /** Notes something on the audit event of the request. Absent where no audit log is kept. KA-137b, KA-143 */
  audit?(key: string, value: string): void;
}

/**
 * One admission rule; the policies of the API are one more of these, and webhooks will be another (KA-135). `mutate` runs before schema
 * validation and returns the object to go on with; `validate` runs after. Both refuse by throwing ApiError.
 */
export interface AdmissionPlugin {
  readonly name: string;
  handles(attributes: AdmissionAttributes): boolean;
  mutate?(attributes: AdmissionAttributes & { object: JsonObject }, context: AdmissionContext): JsonObject;
  validate?(attributes: AdmissionAttributes, context: AdmissionContext): void;
  /**
   * Counts what a create or update takes of something limited, last of all: calls `commit`, at least once, with what must
   * be stored together with the object or not at all, and answers what it answers. `commit` rejects with
   * ExpectationFailedError when one of the writes came too late, and may be called again. On a dry run nothing is stored.
   */
  charge?<T>(
    attributes: AdmissionAttributes & { object: JsonObject },
    context: AdmissionContext,
    commit: Commit<T>,
  ): Promise<T>;
}

export type Commit<T> = (also: readonly WriteOperation[]) => Promise<T>;
