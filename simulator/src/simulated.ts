/** Stands on every node and pod that is only simulated. ADR 0006 */
export const simulatedLabel = 'quarterdeck.dev/simulated';
export const simulatedLabels: Readonly<Record<string, string>> = Object.freeze({ [simulatedLabel]: 'true' });

/** What simulated members say they are: the Kubernetes that the real ones of our tests run, and that they are not. */
export const simulatedVersion = Object.freeze({ major: '1', minor: '35', gitVersion: 'v1.35.4+simulated' });
