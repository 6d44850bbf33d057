import { byCodePoint } from '../../schema/go-text.ts';
import { parseFieldSelector } from '../../select/field-selector.ts';
import { parseLabelSelector } from '../../select/label-selector-text.ts';
import type { Requirement } from '../../select/requirement.ts';
import { SelectorError } from '../../select/selector-error.ts';
import { type CelType, objectType } from '../types.ts';
import { CelOpaque } from '../values.ts';
import type { CelAuthorizer, CelDecision, CelSelector, CelUser } from './authorizer.ts';
import { noSuchOverload } from './declare.ts';

export const authorizerType: CelType = objectType('kubernetes.authorization.Authorizer');
export const pathCheckType: CelType = objectType('kubernetes.authorization.PathCheck');
export const groupCheckType: CelType = objectType('kubernetes.authorization.GroupCheck');
export const resourceCheckType: CelType = objectType('kubernetes.authorization.ResourceCheck');
export const decisionType: CelType = objectType('kubernetes.authorization.Decision');

/** Values that only their own functions understand: not even `==` does. */
abstract class ReceiverOnly extends CelOpaque {
  equals(): boolean {
    throw noSuchOverload();
  }
}

/** `authorizer`: asks for one user. */
export class AuthorizerValue extends ReceiverOnly {
  readonly type = authorizerType;
  readonly authorizer: CelAuthorizer;
  readonly user: CelUser;

  constructor(authorizer: CelAuthorizer, user: CelUser) {
    super();
    this.authorizer = authorizer;
    this.user = user;
  }
}

export class PathCheckValue extends ReceiverOnly {
  readonly type = pathCheckType;
  readonly from: AuthorizerValue;
  readonly path: string;

  constructor(from: AuthorizerValue, path: string) {
    super();
    this.from = from;
    this.path = path;
  }

  check(verb: string): DecisionValue {
    const { authorizer, user } = this.from;
    return new DecisionValue(authorizer.authorize({ user, verb, path: this.path }));
  }
}

export class GroupCheckValue extends ReceiverOnly {
  readonly type = groupCheckType;
  readonly from: AuthorizerValue;
  readonly group: string;

  constructor(from: AuthorizerValue, group: string) {
    super();
    this.from = from;
    this.group = group;
  }
}

/** What a resource check asks about; selectors as they were written. */
export interface ResourceScope {
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

export class ResourceCheckValue extends ReceiverOnly {
  readonly type = resourceCheckType;
  readonly from: GroupCheckValue;
  readonly scope: ResourceScope;

  constructor(from: GroupCheckValue, scope: ResourceScope) {
    super();
    this.from = from;
    this.scope = scope;
  }

  /** The same check, narrowed. */
  with(part: Partial<ResourceScope>): ResourceCheckValue {
    return new ResourceCheckValue(this.from, { ...this.scope, ...part });
  }

  check(verb: string): DecisionValue {
    const { authorizer, user } = this.from.from;
    const { fieldSelector, labelSelector, ...scope } = this.scope;
    return new DecisionValue(
      authorizer.authorize({
        user,
        verb,
        group: this.from.group,
        version: '*',
        ...scope,
        ...(fieldSelector === '' ? {} : { fieldSelector: readSelector(fieldSelector, parseFieldSelector) }),
        ...(labelSelector === '' ? {} : { labelSelector: readSelector(labelSelector, labelsByKey) }),
      }),
    );
  }
}

export class DecisionValue extends ReceiverOnly {
  readonly type = decisionType;
  readonly decision: CelDecision;

  constructor(decision: CelDecision) {
    super();
    this.decision = decision;
  }
}

/** A check of a resource with nothing narrowed. */
export function resourceCheck(from: GroupCheckValue, resource: string): ResourceCheckValue {
  const everything = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' };
  return new ResourceCheckValue(from, { resource, ...everything });
}

/** In the order of their keys, as authorizers see them in Kubernetes. */
function labelsByKey(text: string): readonly Requirement[] {
  return parseLabelSelector(text).sort((a, b) => byCodePoint(a.key, b.key));
}

function readSelector<T>(text: string, parse: (text: string) => readonly T[]): CelSelector<T> {
  try {
    return { requirements: parse(text) };
  } catch (error) {
    if (error instanceof SelectorError) return { problem: error.message };
    throw error;
  }
}
