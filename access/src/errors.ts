/** What went wrong between a consumer and a cluster: which, and what to do. Never holds a credential. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

/** The provider file cannot be used; all its problems at once, each with its path. CP-3 */
export class ProviderFileError extends Error {
  override readonly name = 'ProviderFileError';
}
