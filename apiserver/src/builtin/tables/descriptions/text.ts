/**
 * Descriptions of one message's fields by JSON name; the empty name describes the message itself, for fields that have no
 * description of their own. In our own words: one short sentence or two, what it is, unit, what absence means.
 */
export type MessageText = Readonly<Record<string, string>>;

/** Descriptions by message name, as in the tables. */
export type MessageTexts = Readonly<Record<string, MessageText>>;
