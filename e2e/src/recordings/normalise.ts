import { encodeJson, isJsonObject, type JsonObject, type JsonValue, setOwn } from '@quarterdeck/machinery';

/**
 * Takes from answers what differs between any two runs: times, uids, revisions, addresses, hashes, generated names.
 * A uid becomes the name of its object, and an object's revisions are numbered in the order of their appearance, so that
 * equal stays equal and other stays other, and a difference in one object does not show in all that follow. One per
 * scenario; answers are given to it in their order.
 */
export interface Normaliser {
  body(body: JsonValue): JsonValue;
  headers(headers: JsonObject): JsonObject;
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;
const dayMs = 86_400_000;
/** Uids of requests, which mean nothing. */
const madeUp = '00000000-';

export function createNormaliser(): Normaliser {
  const uids = new Map<string, string>();
  const revisions = new Map<string, string>();
  const generated = new Map<string, string>();
  /** A label of its own for each value; those of one base are numbered. */
  const labelled = (seen: Map<string, string>, value: string, base: string): string => {
    const known = seen.get(value);
    if (known !== undefined) return known;
    const before = [...seen.values()].filter((label) => label.startsWith(`<${base} `)).length;
    const label = `<${base} ${before + 1}>`;
    seen.set(value, label);
    return label;
  };

  /** Learns what identifies an object before its parts are visited. What is not stored has a uid that leads nowhere. */
  const noteIdentity = ({ uid, resourceVersion, name }: JsonObject, isList: boolean) => {
    if (typeof uid !== 'string' || isList || uid.startsWith(madeUp)) return;
    const shown = generated.get(String(name)) ?? String(name);
    // A webhook is asked about an object before it has a revision.
    if (resourceVersion === undefined) uids.set(uid, uids.get(uid) ?? '<uid>');
    else {
      labelled(uids, uid, `uid of ${shown}`);
      labelled(revisions, String(resourceVersion), `rv of ${shown}`);
    }
  };

  const text = (value: string): string => {
    let out = value
      .replace(uuid, (found) => (found.startsWith(madeUp) ? found : (uids.get(found) ?? '<uid>')))
      .replace(time, timeless)
      .replace(/(127\.0\.0\.1|localhost):\d+/g, '<address>')
      .replace(/(converter\.[\w-]+\.svc):\d+/g, '$1:<port>')
      .replace(/\bhash=[0-9A-Fa-f]+/g, 'hash=<hash>')
      .replace(/-----BEGIN [^-]+-----[\s\S]+-----END [^-]+-----\n?/g, '<pem>')
      .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>');
    for (const [name, replacement] of generated) out = out.replaceAll(name, replacement);
    if (!/resource ?version|in cache|revision/i.test(out)) return out;
    return out.replace(/\b\d{2,}\b/g, (found) => revisions.get(found) ?? '<rv>');
  };

  const visit = (value: JsonValue, key: string, owner: JsonObject | undefined): JsonValue => {
    if (typeof value === 'string') {
      if (key === 'resourceVersion' && /^\d{2,}$/.test(value)) return revisionOf(value, owner);
      if (key === 'continue' && value !== '') return '<continue>';
      if (key === 'cells' && /^(\d+[smhdy])+$|^<invalid>$/.test(value)) return '<age>';
      return text(value);
    }
    if (Array.isArray(value)) {
      const items = value.map((item) => visit(item, key, owner));
      // Sorted by time there, whose seconds begin where they like.
      return key === 'managedFields' ? items.sort(byOwner) : items;
    }
    return isJsonObject(value) ? visitObject(value, key, owner) : value;
  };

  /** A list's revision is that of the whole store, in which other things happen too. */
  const revisionOf = (value: string, owner: JsonObject | undefined): string =>
    owner !== undefined && ('items' in owner || 'rows' in owner || isBookmark(owner))
      ? '<rv>'
      : (revisions.get(value) ?? '<rv>');

  const visitObject = (value: JsonObject, key: string, owner: JsonObject | undefined): JsonObject => {
    const meta = value.metadata;
    if (isJsonObject(meta)) {
      noteGenerated(meta);
      noteIdentity(meta, 'items' in value || 'rows' in value);
    }
    if (key === '' && value.kind === 'Status') return visitStatus(value);
    const out: JsonObject = {};
    for (const child of Object.keys(value)) {
      setOwn(out, child, visit(value[child] as JsonValue, child, key === 'metadata' ? owner : value));
    }
    return out;
  };

  /** Go walks maps in random order: several causes are sorted, and the message that joins them is cut. */
  const visitStatus = (status: JsonObject): JsonObject => {
    const details = isJsonObject(status.details) ? status.details : {};
    const causes = Array.isArray(details.causes) ? details.causes : [];
    const cut =
      causes.length > 1 ? String(status.message).replace(/(is invalid: )\[[\s\S]*$/, '$1<causes>') : undefined;
    // An update is validated twice there, and says things twice.
    const once = new Map(causes.map((cause) => [encodeJson(cause), cause]));
    const sorted = [...once.values()].map((cause) => visit(cause, 'causes', undefined)).sort(byText);
    const out = visitObject({ ...status, kind: '', ...(cut === undefined ? {} : { message: cut }) }, '', undefined);
    if (causes.length > 1) out.details = { ...(out.details as JsonObject), causes: sorted };
    return { ...out, kind: 'Status' };
  };

  const noteGenerated = ({ name, generateName: base }: JsonObject) => {
    if (typeof name !== 'string' || typeof base !== 'string' || !name.startsWith(base.slice(0, 58))) return;
    if (/^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name.slice(-5))) generated.set(name, `${name.slice(0, -5)}<5>`);
  };

  return {
    body: (body) => visit(body, '', undefined),
    headers: (headers) => visitObject(headers, '', undefined),
  };
}

const byOwner = (a: JsonValue, b: JsonValue): number => byText(ownerOf(a), ownerOf(b));
const ownerOf = (entry: JsonValue): JsonValue => {
  if (!isJsonObject(entry)) return entry;
  const { operation = '', manager = '', subresource = '', apiVersion = '' } = entry;
  return [operation, manager, subresource, apiVersion];
};
const byText = (a: JsonValue, b: JsonValue): number => (encodeJson(a) < encodeJson(b) ? -1 : 1);

/** A bookmark holds nothing but a revision. */
const isBookmark = (object: JsonObject): boolean => {
  const meta = object.metadata;
  return isJsonObject(meta) && meta.name === undefined && meta.uid === undefined;
};

/** Times near the present are the server's; others were in the request. */
function timeless(found: string): string {
  if (Math.abs(Date.parse(found) - Date.now()) > 400 * dayMs) return found;
  return found.includes('.') ? `<micro time>` : '<time>';
}
