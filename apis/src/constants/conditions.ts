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
    /** Whether it is a member of its ClusterSet: only then its agent writes the membership property. AB-27 */
    InClusterSet: 'InClusterSet',
    /** Whether the member's clock agrees with the hub's. For people; nothing follows from it. RG-30 */
    ClockInSync: 'ClockInSync',
    /** Whether one agent alone speaks for the cluster; absent until a second one was heard of. RG-11 */
    OneAgent: 'OneAgent',
    /** Whether its agent may follow a hub that came back from a backup; absent where the hub did not. RG-10 */
    FollowsHub: 'FollowsHub',
    /** Ours, so with a domain: said by the agent, copied to the profile. CI-18, CI-23 */
    PropertiesComplete: 'quarterdeck.dev/PropertiesComplete',
  },
  ClusterProfile: {
    Joined: 'Joined',
    ControlPlaneHealthy: 'ControlPlaneHealthy',
    /** Ours, so with a domain. CI-18, CI-23 */
    PropertiesComplete: 'quarterdeck.dev/PropertiesComplete',
    /** Whether the member says to be of the set whose namespace the profile is in. AB-36 */
    ClusterSetConsistent: 'quarterdeck.dev/ClusterSetConsistent',
  },
  ClusterSet: { Ready: 'Ready' },
  ClusterSetBinding: { Bound: 'Bound' },
  Placement: { Scheduled: 'Scheduled', Satisfied: 'Satisfied' },
  WorkSet: { Applied: 'Applied', Available: 'Available', Progressing: 'Progressing' },
  Work: {
    Applied: 'Applied',
    Available: 'Available',
    Progressing: 'Progressing',
    Degraded: 'Degraded',
    /** Only on a Work that asks to be removed when it is complete. DL-7 */
    Complete: 'Complete',
  },
  Manifest: { Applied: 'Applied', Available: 'Available', Degraded: 'Degraded' },
  WorkReport: { Complete: 'Complete', FieldsRead: 'FieldsRead' },
  /** Whether agents can read it. DL-22 */
  HealthRule: { Readable: 'Readable' },
} as const;
