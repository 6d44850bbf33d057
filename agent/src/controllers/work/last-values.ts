import type { FeedbackReport } from '@quarterdeck/apis';
import type { ObjectKey } from '@quarterdeck/machinery';
import type { FeedbackField } from './feedback.ts';

/** What was read of one object in one pass. */
export interface ReadFields {
  /** Of the object, without its version. */
  readonly identity: string;
  /** Undefined: it was not seen this time, which says nothing of what was read before. Empty: it is not there. */
  readonly uid: string | undefined;
  readonly asked: readonly FeedbackField[];
  /** One for each that was asked for. */
  readonly read: readonly FeedbackReport[];
  /** What the hub was last told of the same manifest; believed of what this process has not asked for before. */
  readonly before: readonly FeedbackReport[];
}

/**
 * Values of fields as they were read last, so that one that cannot be read for once is not lost: it stands beside the error,
 * for as long as the same is asked of the same object. In memory; after a restart the report tells. DL-23
 */
export interface LastValues {
  /**
   * @param objects all of the Work that fields are asked of; what is kept of others is forgotten
   * @returns for each what was read, an error with the value before it
   */
  fill(key: ObjectKey, objects: readonly ReadFields[]): readonly (readonly FeedbackReport[])[];
  /** The Work is gone. */
  forget(key: ObjectKey): void;
}

interface Kept {
  readonly uid: string | undefined;
  /** By name; without a value: it could not be read yet. */
  readonly asked: ReadonlyMap<string, { readonly source: string; readonly value: string | undefined }>;
}

export function createLastValues(): LastValues {
  const works = new Map<ObjectKey, ReadonlyMap<string, Kept>>();
  return {
    fill(key, objects) {
      const before = works.get(key);
      const now = new Map<string, Kept>();
      const filled = objects.map((object) => {
        const { kept, fields } = fillOne(object, before?.get(object.identity));
        now.set(object.identity, kept);
        return fields;
      });
      if (now.size === 0) works.delete(key);
      else works.set(key, now);
      return filled;
    },
    forget: (key) => void works.delete(key),
  };
}

function fillOne({ uid, asked, read, before }: ReadFields, kept: Kept | undefined) {
  const isOther = uid !== undefined && kept?.uid !== undefined && kept.uid !== uid;
  const lastOf = ({ name, source, rule }: FeedbackField): string | undefined => {
    if (isOther) return undefined;
    const last = kept?.asked.get(name);
    if (last === undefined) return before.find((each) => each.name === name && each.rule === rule)?.value;
    return last.source === source ? last.value : undefined;
  };
  const known = asked.map((field, index) => ({ field, value: read[index]?.value ?? lastOf(field) }));
  return {
    kept: {
      uid: uid ?? kept?.uid,
      asked: new Map(known.map(({ field: { name, source }, value }) => [name, { source, value }])),
    },
    fields: read.map((field, index): FeedbackReport => {
      const value = known[index]?.value;
      return value === undefined ? field : { ...field, value };
    }),
  };
}
