import { type CelEnvironment, createCelEnvironment } from '../environment.ts';
import type { CelLibrary } from '../library.ts';
import { authzLibrary, authzSelectorsLibrary } from './authz.ts';
import { cidrLibrary } from './cidr.ts';
import { comprehensionsLibrary } from './comprehensions.ts';
import { formatLibrary } from './format.ts';
import { ipLibrary } from './ip.ts';
import { listExtensionsLibrary } from './list-extensions.ts';
import { listsLibrary } from './lists.ts';
import { optionalsLibrary } from './optionals.ts';
import { quantityLibrary } from './quantity.ts';
import { regexLibrary } from './regex.ts';
import { semverLibrary } from './semver.ts';
import { setsLibrary } from './sets.ts';
import { stringsLibrary } from './strings.ts';
import { urlLibrary } from './url.ts';

/** The minor version of Kubernetes 1 that the engine speaks for. */
const currentMinor = 35;

/** Which library came with which minor version, in the order of Kubernetes' base environment; 0: from the start. */
const introduced: readonly { readonly library: CelLibrary; readonly minor: number }[] = [
  { library: urlLibrary, minor: 0 },
  { library: regexLibrary, minor: 0 },
  { library: listsLibrary, minor: 0 },
  { library: authzLibrary, minor: 27 },
  { library: optionalsLibrary, minor: 28 },
  { library: quantityLibrary, minor: 28 },
  // Before 1.29 there was an older version of it, without `format` and `strings.quote`.
  { library: stringsLibrary, minor: 29 },
  { library: setsLibrary, minor: 29 },
  { library: ipLibrary, minor: 30 },
  { library: cidrLibrary, minor: 30 },
  { library: formatLibrary, minor: 31 },
  { library: authzSelectorsLibrary, minor: 31 },
  { library: comprehensionsLibrary, minor: 32 },
  { library: semverLibrary, minor: 33 },
  { library: listExtensionsLibrary, minor: 34 },
];

/**
 * The libraries of Kubernetes' base environment. `authorizer` itself is a variable that only admission declares, and
 * mutating policies add their own library. KA-102
 * @param minor of Kubernetes 1; default 35. From 29 on the list is what that version has
 */
export function kubernetesLibraries(minor: number = currentMinor): readonly CelLibrary[] {
  return introduced.filter((entry) => entry.minor <= minor).map(({ library }) => library);
}

/**
 * The environment of Kubernetes' expressions. Immutable: make one, and give it the variables of each expression.
 * @param more libraries after Kubernetes' own, for example that of mutating policies; default none
 */
export function kubernetesCelEnvironment(
  options: { minor?: number; more?: readonly CelLibrary[] } = {},
): CelEnvironment {
  return createCelEnvironment({ libraries: [...kubernetesLibraries(options.minor), ...(options.more ?? [])] });
}
