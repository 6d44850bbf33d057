import { equalValues, type JsonObject, type JsonValue } from '@quarterdeck/machinery';
import type { AdmissionAttributes, AdmissionContext, Commit, Operation } from '../../admission/admission.ts';
import type { RequestScope } from '../scope.ts';

/** What one write shows to admission, beside the objects. */
export interface Admitted {
  readonly operation: Operation;
  readonly name: string;
  readonly dryRun: boolean;
  /** The request's options, as policies see them. */
  readonly options: JsonObject;
  /** Default: the objects as they are. */
  readonly form?: AdmittedForm | undefined;
}

/** What admission is shown in the place of the objects that are stored: a Scale for what it scales. KA-65 */
export interface AdmittedForm {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly show: (object: JsonObject) => JsonObject;
  /** The object with what a rule changed in what it was shown. */
  readonly takeBack: (object: JsonObject, shown: JsonObject) => JsonObject;
}

/** Options as an object of meta.k8s.io; what is undefined was not said. KA-137b */
export function admittedOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'DeleteOptions',
  { dryRun, ...said }: { readonly dryRun: boolean } & Readonly<Record<string, JsonValue | undefined>>,
): JsonObject {
  const given = Object.entries(said).filter((pair): pair is [string, JsonValue] => pair[1] !== undefined);
  return { kind, apiVersion: 'meta.k8s.io/v1', ...(dryRun ? { dryRun: ['All'] } : {}), ...Object.fromEntries(given) };
}

function attributesOf<T extends JsonObject | undefined>(
  scope: RequestScope,
  { form, ...admitted }: Admitted,
  object: T,
  oldObject: JsonObject | undefined,
): AdmissionAttributes & { object: T } {
  const { definition, version } = scope.resource;
  const show = <O extends JsonObject | undefined>(one: O) =>
    one === undefined || form === undefined ? one : (form.show(one) as O);
  return {
    ...admitted,
    group: definition.group,
    version: version.name,
    resource: definition.plural,
    kind: form?.kind ?? definition.kind,
    ...(form === undefined ? {} : { objectVersion: { group: form.group, version: form.version } }),
    subresource: scope.info.subresource,
    namespace: scope.info.namespace,
    user: scope.user,
    object: show(object),
    oldObject: show(oldObject),
  };
}

function contextOf(scope: RequestScope): AdmissionContext {
  return {
    store: scope.server.store,
    authorizer: scope.server.authorizer,
    now: scope.now,
    random: scope.server.random,
    warn: (text) => scope.warnings.add(text),
  };
}

/**
 * Runs the mutating rules in order. KA-135
 * @returns the object itself when no rule changed it
 */
export function admitMutating(
  scope: RequestScope,
  admitted: Admitted,
  object: JsonObject,
  oldObject: JsonObject | undefined,
): JsonObject {
  let current = object;
  for (const plugin of scope.server.admission) {
    if (plugin.mutate === undefined) continue;
    const attributes = attributesOf(scope, admitted, current, oldObject);
    if (!plugin.handles(attributes)) continue;
    const mutated = plugin.mutate(attributes, contextOf(scope));
    if (mutated !== attributes.object) current = admitted.form?.takeBack(current, mutated) ?? mutated;
  }
  return equalValues(current, object) ? object : current;
}

/** Runs the validating rules in order; the first refusal is thrown. KA-135 */
export function admitValidating(
  scope: RequestScope,
  admitted: Admitted,
  object: JsonObject | undefined,
  oldObject: JsonObject | undefined,
): void {
  const attributes = attributesOf(scope, admitted, object, oldObject);
  for (const plugin of scope.server.admission) {
    if (plugin.validate !== undefined && plugin.handles(attributes)) plugin.validate(attributes, contextOf(scope));
  }
}

/**
 * Commits a create or update by way of the rules that count what it takes. KA-119
 * @param commit called with what is to be stored in the same transaction; on a dry run it stores nothing
 */
export function chargedCommit<T>(
  scope: RequestScope,
  admitted: Admitted,
  object: JsonObject,
  oldObject: JsonObject | undefined,
  commit: Commit<T>,
): Promise<T> {
  const attributes = { ...attributesOf(scope, admitted, object, oldObject), object };
  const charging = scope.server.admission.filter(({ charge, handles }) => charge !== undefined && handles(attributes));
  const through = charging.reduceRight<Commit<T>>(
    (inner, plugin) => (also) =>
      plugin.charge?.(attributes, contextOf(scope), (more) => inner([...also, ...more])) ?? inner(also),
    commit,
  );
  return through([]);
}
