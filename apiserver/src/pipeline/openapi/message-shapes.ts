import type { JsonValue } from '@quarterdeck/machinery';

/** How a JSON value becomes a protobuf field. */
export type Shape =
  | 'string'
  | 'bool'
  | 'integer'
  | 'double'
  /** Any value, as JSON, which is YAML. */
  | 'any'
  /** An empty message, whatever the value. */
  | 'empty'
  /** One of several that a message can hold: written even when it is zero, false or empty. */
  | { readonly present: 'string' | 'bool' | 'double' }
  /** A list, or one value that stands for a list of one. */
  | { readonly each: Shape }
  /** An object with free keys: a message {1 name, 2 value} for each. */
  | { readonly named: Shape }
  /** A message that holds the value in one field. */
  | { readonly within: number; readonly shape: Shape }
  /** One of several, by the value. */
  | { readonly choose: (value: JsonValue) => Shape }
  | { readonly message: () => Message };

export interface Message {
  readonly fields: readonly (readonly [number: number, key: string, shape: Shape])[];
  /** The field of what starts with `x-`; undefined: there is none. */
  readonly extensions: number | undefined;
}

/** A message that holds the value in one field. */
export const within = (number: number, shape: Shape): Shape => ({ within: number, shape });
export const strings: Shape = { each: 'string' };
