/** The owner stays, marked as deleted, until its dependents are gone. KA-58 */
export const foregroundFinalizer = 'foregroundDeletion';

/** The dependents outlive the owner. KA-58 */
export const orphanFinalizer = 'orphan';
