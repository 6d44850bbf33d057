import { isIP } from 'node:net';

/** Every check takes time linear in the text, which may be megabytes long. */
type Check = (text: string) => boolean;

/** The check of a format that schemas enforce; undefined for all others, which only inform. KA-97 */
export function formatCheck(format: string): Check | undefined {
  return checks.get(format.replaceAll('-', ''));
}

const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const labelPattern = new RegExp(`^${label}$`);
const longNamePattern = new RegExp(`^${label}(?:\\.${label})*$`);
const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([-a-zA-Z0-9\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;
const creditCard =
  /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/;
const rgbPart = '(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const rgb = new RegExp(`^rgb\\(\\s*${rgbPart}\\s*,\\s*${rgbPart}\\s*,\\s*${rgbPart}\\s*\\)$`);
const bytes = (text: string) => Buffer.byteLength(text);
const matches =
  (pattern: RegExp): Check =>
  (text) =>
    pattern.test(text);

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmail],
  [
    'hostname',
    (text) => bytes(text) <= 255 && text.split('.').every((part) => bytes(part) <= 63) && hostname.test(text),
  ],
  ['ipv4', (text) => isIP(withoutLeadingZeros(text)) !== 0 && text.includes('.')],
  ['ipv6', (text) => isIP(text) === 6 && !text.includes('%')],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid3', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid4', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['uuid5', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', matches(rgb)],
  ['byte', (text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => text.length <= 63 && labelPattern.test(text)],
  ['k8slongname', (text) => text.length <= 253 && longNamePattern.test(text)],
]);

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDate(text: string): boolean {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (found === null) return false;
  const [year, month, day] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 && !leap ? 28 : daysInMonth[month - 1];
  return last !== undefined && day >= 1 && day <= last;
}

function isDateTime(text: string): boolean {
  const found = /^(.{10})t(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/i.exec(text);
  if (found === null) return false;
  const [, date = '', hour = '', minute = '', second = ''] = found;
  return isDate(date) && hour <= '23' && minute <= '59' && second <= '59';
}

const goDuration = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const wordUnits = /^(?:ns|nano.*|us|µs|micro.*|ms|milli.*|s|sec.*|m|min.*|h|hr|hour.*|d|day.*|w|wk|week.*)$/i;

/** Go's durations, and the looser `2 weeks` of the same upstream parser. */
function isDuration(text: string): boolean {
  if (goDuration.test(text)) return true;
  return [...text.matchAll(/(?<!\d)\d+\s*([A-Za-zµ]+)/g)].some((found) => wordUnits.test(found[1] ?? ''));
}

/** Upstream still reads `010.0.0.1` as decimal. */
function withoutLeadingZeros(text: string): string {
  return text.replace(/(^|\.|:)0+(?=\d{1,4}(?:\.|$))/g, '$1');
}

function isCidr(text: string): boolean {
  const found = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (found === null) return false;
  const address = found[1] ?? '';
  if (address.includes('%')) return false;
  const family = isIP(address.includes(':') ? address : withoutLeadingZeros(address));
  return family !== 0 && Number(found[2]) <= (family === 4 ? 32 : 128);
}

/** 6, 8 or 20 bytes in hexadecimal, split by one kind of separator or not at all. */
function isMac(text: string): boolean {
  const pairs = /^[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2})+$/.test(text);
  const quads = /^[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4})+$/.test(text);
  if (!pairs && !quads && !/^[0-9a-fA-F]+$/.test(text)) return false;
  return [12, 16, 40].includes(text.replace(/[:.-]/g, '').length);
}

/** An absolute path, or a URI with a scheme. */
function isRequestUri(text: string): boolean {
  if (text === '' || hasControlOrBadEscape(text)) return false;
  if (text === '*') return true;
  if (text.startsWith('/')) return true;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:(.*)$/s.exec(text);
  if (scheme === null) return false;
  const rest = scheme[1] ?? '';
  return rest.startsWith('//') ? hasGoodAuthority(rest.slice(2)) : true;
}

function hasControlOrBadEscape(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return true;
  }
  return /%(?![0-9a-fA-F]{2})/.test(text.split('?')[0] ?? '');
}

function hasGoodAuthority(afterSlashes: string): boolean {
  const authority = afterSlashes.split(/[/?]/)[0] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.startsWith('[')) return /^\[[0-9A-Fa-f:.%A-Za-z0-9]+\](?::\d*)?$/.test(host);
  return /^[^\s"<>\\^`{}|[\]:]*(?::\d*)?$/.test(host);
}

const atext = "A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-";
const dotAtom = new RegExp(`^[${atext}]+(?:\\.[${atext}]+)*$`, 'u');
const displayName = new RegExp(`^[${atext}.\\s]*$`, 'u');
const quoted = /"(?:[^"\\\r\n]|\\.)*"/g;

/** One RFC 5322 address, with or without a display name before it. */
function isEmail(text: string): boolean {
  const trimmed = text.trim();
  if (!trimmed.endsWith('>')) return isAddress(trimmed);
  const open = trimmed.lastIndexOf('<');
  return (
    open >= 0 && displayName.test(trimmed.slice(0, open).replace(quoted, '')) && isAddress(trimmed.slice(open + 1, -1))
  );
}

function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1) return false;
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  const goodLocal = dotAtom.test(local) || (local.startsWith('"') && local.replace(quoted, '') === '');
  return goodLocal && (dotAtom.test(domain) || (/^\[[^\]]*\]$/.test(domain) && isIP(domain.slice(1, -1)) !== 0));
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  const sum = [...digits].reduce(
    (total, digit, index) => total + (index + 1) * (digit === 'X' ? 10 : Number(digit)),
    0,
  );
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^\d{13}$/.test(digits)) return false;
  const sum = [...digits].reduce((total, digit, index) => total + (index % 2 === 0 ? 1 : 3) * Number(digit), 0);
  return sum % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!creditCard.test(digits)) return false;
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
