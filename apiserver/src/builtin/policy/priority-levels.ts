import type { FieldError } from '@quarterdeck/apis';
import { equalValues, isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import {
  forbiddenField,
  invalidField,
  numberAt,
  objectAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { between, oneOf } from '../checks.ts';
import { cell } from '../columns.ts';
import { allMetadata, dataKind, status } from '../data-kind.ts';
import { withPart, withSpec } from '../defaults.ts';
import { conditionErrors } from './flow-schemas.ts';
import { mandatoryPriorityLevels } from './mandatory-flow-control.ts';

const mostQueues = 10_000_000;
/** Bits of the hash that deals a request its hand of queues. */
const hashBits = 60;

function validate(level: JsonObject): FieldError[] {
  const spec = objectAt(level, 'spec');
  const name = stringAt(level, 'metadata', 'name');
  const type = stringAt(spec, 'type');
  return [
    ...((name === 'exempt') === (type === 'Exempt')
      ? []
      : [invalidField('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'")]),
    ...oneOf(spec, 'spec', 'type', ['Exempt', 'Limited'], true),
    ...(type === 'Exempt' ? exemptErrors(spec) : []),
    ...(type === 'Limited' ? limitedErrors(spec) : []),
    ...mandatoryErrors(spec, name),
    ...conditionErrors(level),
  ];
}

function exemptErrors(spec: JsonObject): FieldError[] {
  return [
    ...(spec.limited === undefined ? [] : [forbiddenField('spec.limited', 'must be nil if the type is not Limited')]),
    ...shareErrors(objectAt(spec, 'exempt'), 'spec.exempt'),
  ];
}

function limitedErrors(spec: JsonObject): FieldError[] {
  const path = 'spec.limited';
  const { limited } = spec;
  const foreign =
    spec.exempt === undefined ? [] : [forbiddenField('spec.exempt', 'must be nil if the type is Limited')];
  if (!isJsonObject(limited)) return [...foreign, requiredField(path, 'must not be empty when type is Limited')];
  const borrowing = numberAt(limited, 'borrowingLimitPercent') ?? 0;
  return [
    ...foreign,
    ...shareErrors(limited, path),
    ...responseErrors(objectAt(limited, 'limitResponse'), `${path}.limitResponse`),
    ...(borrowing < 0
      ? [invalidField(`${path}.borrowingLimitPercent`, borrowing, 'if specified, must be a non-negative integer')]
      : []),
  ];
}

function shareErrors(part: JsonObject, path: string): FieldError[] {
  const shares = numberAt(part, 'nominalConcurrencyShares') ?? 0;
  return [
    ...(shares < 0 ? [invalidField(`${path}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : []),
    ...between(part, path, 'lendablePercent', 0, 100),
  ];
}

function responseErrors(response: JsonObject, path: string): FieldError[] {
  const type = stringAt(response, 'type');
  const queuing = valueAt(response, 'queuing');
  const at = `${path}.queuing`;
  return [
    ...oneOf(response, path, 'type', ['Queue', 'Reject'], true),
    ...(type === 'Reject' && queuing !== undefined
      ? [forbiddenField(at, 'must be nil if limited.limitResponse.type is not Limited')]
      : []),
    ...(type === 'Queue' && queuing === undefined
      ? [requiredField(at, 'must not be empty if limited.limitResponse.type is Limited')]
      : []),
    ...(type === 'Queue' && isJsonObject(queuing) ? queueErrors(queuing, at) : []),
  ];
}

function queueErrors(queuing: JsonObject, path: string): FieldError[] {
  const read = (field: string) => numberAt(queuing, field) ?? 0;
  const [queues, hand] = [read('queues'), read('handSize')];
  const handError = (why: string) => [invalidField(`${path}.handSize`, hand, why)];
  const dealt = Array.from({ length: Math.min(hand, queues) }, (_, index) => Math.log2(queues - index));
  const entropy = Math.ceil(dealt.reduce((sum, bits) => sum + bits, 0));
  return [
    ...['queueLengthLimit', 'queues', 'handSize']
      .filter((field) => read(field) <= 0)
      .map((field) => invalidField(`${path}.${field}`, read(field), 'must be positive')),
    ...(queues > mostQueues ? [invalidField(`${path}.queues`, queues, `must not be greater than ${mostQueues}`)] : []),
    ...(hand > queues && queues > 0 ? handError(`should not be greater than queues (${queues})`) : []),
    ...(hand > 0 && hand <= queues && entropy > hashBits
      ? handError(
          `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${hashBits}`,
        )
      : []),
  ];
}

/** The two fixed levels; how much the exempt one lends may be set. */
function mandatoryErrors(spec: JsonObject, name: string): FieldError[] {
  const fixed = mandatoryPriorityLevels[name];
  if (fixed === undefined) return [];
  const isExempt = name === 'exempt';
  const same = isExempt ? equalValues({ ...spec, exempt: {} }, { ...fixed, exempt: {} }) : equalValues(spec, fixed);
  if (same) return [];
  const except = isExempt ? " except the 'spec.exempt' field" : '';
  return [invalidField('spec', spec, `spec of '${name}'${except} must equal the fixed value`)];
}

function completeSpec(spec: JsonObject): JsonObject {
  const exempt = withPart(spec, 'exempt', (part) => ({ nominalConcurrencyShares: 0, lendablePercent: 0, ...part }));
  return withPart(exempt, 'limited', (part) => {
    const filled = { nominalConcurrencyShares: 30, lendablePercent: 0, ...part };
    return withPart(filled, 'limitResponse', (response) =>
      withPart(response, 'queuing', (queuing) => ({
        ...queuing,
        queues: numberAt(queuing, 'queues') || 64,
        handSize: numberAt(queuing, 'handSize') || 8,
        queueLengthLimit: numberAt(queuing, 'queueLengthLimit') || 50,
      })),
    );
  });
}

const limited = (level: JsonObject, ...path: readonly string[]) => numberAt(level, 'spec', 'limited', ...path);

/** Stored and checked; what they do to requests is KA-139. KA-2 */
export const priorityLevels = dataKind({
  group: 'flowcontrol.apiserver.k8s.io',
  kind: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  scope: 'Cluster',
  columns: [
    cell('Type', 'Whether it is limited.', (level) => stringAt(level, 'spec', 'type')),
    cell('NominalConcurrencyShares', 'Its share of what the server can do at once.', (level) =>
      limited(level, 'nominalConcurrencyShares'),
    ),
    cell('Queues', 'How many queues it has.', (level) => limited(level, 'limitResponse', 'queuing', 'queues')),
    cell('HandSize', 'How many queues a flow is dealt.', (level) =>
      limited(level, 'limitResponse', 'queuing', 'handSize'),
    ),
    cell('QueueLengthLimit', 'How many requests wait in a queue at most.', (level) =>
      limited(level, 'limitResponse', 'queuing', 'queueLengthLimit'),
    ),
  ],
  subresources: { status },
  strategy: {
    statusKeeps: allMetadata,
    hasGeneration: true,
    complete: (level) => withSpec(level, completeSpec),
    validate,
  },
});
