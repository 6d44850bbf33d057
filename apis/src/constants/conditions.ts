/** Condition types, by kind. Each is Unknown from the first visit until it can be told. */
export const conditionType = {
  MemberCluster: {
    Accepted: 'Accepted',
    Joined: 'Joined',
    Available: 'Available',
    ControlPlaneHealthy: 'ControlPlaneHealthy',
    HubLeaseCurrent: 'HubLeaseCurrent',
    /** What a member that leaves waits for; absent on all others. RG-40 */
    Leaving: 'Leaving',
    /** Whether the member's clock agrees with the hub's. For people; nothing follows from it. RG-30 */
    ClockInSync: 'ClockInSync',
    /** Ours, so with a domain: said by the agent, copied to the profile. CI-18, CI-23 */
    PropertiesComplete: 'quarterdeck.dev/PropertiesComplete',
  },
  ClusterProfile: {
    Joined: 'Joined',
    ControlPlaneHealthy: 'ControlPlaneHealthy',
    /** Ours, so with a domain. CI-18, CI-23 */
    PropertiesComplete: 'quarterdeck.dev/PropertiesComplete',
  },
  ClusterSet: { Ready: 'Ready' },
  ClusterSetBinding: { Bound: 'Bound' },
  Placement: { Scheduled: 'Scheduled', Satisfied: 'Satisfied' },
  WorkSet: { Applied: 'Applied', Available: 'Available', Progressing: 'Progressing' },
  Work: { Applied: 'Applied', Available: 'Available', Progressing: 'Progressing', Degraded: 'Degraded' },
  Manifest: { Applied: 'Applied', Available: 'Available', Degraded: 'Degraded' },
  WorkReport: { Complete: 'Complete' },
} as const;
