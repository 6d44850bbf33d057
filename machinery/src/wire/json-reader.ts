import { ProblemList } from './problems.ts';
import { positionOf } from './text.ts';
import { type JsonObject, type JsonValue, setOwn, WireError } from './value.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const lowerE = 0x65;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Integers of fewer units than this, sign included, are below 2^53 without looking. */
const longIntegerUnits = 16;

/**
 * A recursive descent parser over one text; read one document, then throw it away. `at` is the next unread unit.
 * `charCodeAt` past the end is NaN, which no comparison accepts, so the end needs no checks of its own.
 */
export class JsonReader {
  readonly problems = new ProblemList();
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly isTrusted: boolean;
  private at = 0;
  private depth = 0;

  /** @param isTrusted escaped NUL and lone surrogates pass, as JSON.parse lets them */
  constructor(text: string, { maxDepth, isTrusted = false }: { maxDepth: number; isTrusted?: boolean }) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.isTrusted = isTrusted;
  }

  /** @throws WireError with the position of the first unit that cannot stand where it stands */
  readDocument(): JsonValue {
    this.skipSpace();
    const value = this.readValue();
    this.skipSpace();
    if (this.at < this.text.length) throw this.fail('unexpected text after the value');
    return value;
  }

  private readValue(): JsonValue {
    const unit = this.text.charCodeAt(this.at);
    switch (unit) {
      case quote:
        return this.readString();
      case openObject:
        return this.readObject();
      case openList:
        return this.readList();
      case 0x74:
        return this.readWord('true', true);
      case 0x66:
        return this.readWord('false', false);
      case 0x6e:
        return this.readWord('null', null);
      default:
        if (unit === minus || isDigit(unit)) return this.readNumber();
        throw this.fail('expected a value');
    }
  }

  private readObject(): JsonObject {
    this.enter();
    const object: JsonObject = {};
    const firstProblem = this.problems.count;
    if (this.skipSpace() === closeObject) return this.leave(object);
    for (;;) {
      if (this.text.charCodeAt(this.at) !== quote) throw this.fail('expected a quoted key');
      const key = this.readString();
      if (this.skipSpace() !== colon) throw this.fail("expected ':' after the key");
      this.at++;
      this.skipSpace();
      const before = this.problems.count;
      const value = this.readValue();
      if (this.problems.count !== before) this.problems.prefixKey(key, before);
      // The first test is cheap and almost always enough; only names of Object.prototype and duplicates pass it.
      if (object[key] !== undefined && Object.hasOwn(object, key)) this.problems.addDuplicate(key, firstProblem);
      setOwn(object, key, value);
      const next = this.skipSpace();
      if (next === closeObject) return this.leave(object);
      if (next !== comma) throw this.fail("expected ',' or '}'");
      this.at++;
      this.skipSpace();
    }
  }

  private readList(): JsonValue[] {
    this.enter();
    const list: JsonValue[] = [];
    if (this.skipSpace() === closeList) return this.leave(list);
    for (;;) {
      const before = this.problems.count;
      list.push(this.readValue());
      if (this.problems.count !== before) this.problems.prefixIndex(list.length - 1, before);
      const next = this.skipSpace();
      if (next === closeList) return this.leave(list);
      if (next !== comma) throw this.fail("expected ',' or ']'");
      this.at++;
      this.skipSpace();
    }
  }

  private enter(): void {
    if (++this.depth > this.maxDepth) throw this.fail(`nested deeper than ${this.maxDepth} levels`);
    this.at++;
  }

  private leave<T>(container: T): T {
    this.depth--;
    this.at++;
    return container;
  }

  private readString(): string {
    const text = this.text;
    const start = this.at + 1;
    let at = start;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === quote) break;
      if (unit === backslash) return this.readEscapedString(start, at);
      if (!(unit >= space))
        throw this.fail(at >= text.length ? 'unterminated string' : 'control character in a string', at);
      at++;
    }
    this.at = at + 1;
    return text.slice(start, at);
  }

  /** The rest of a string from its first backslash on. */
  private readEscapedString(start: number, firstEscape: number): string {
    const text = this.text;
    let value = '';
    let plainFrom = start;
    let at = firstEscape;
    for (;;) {
      const unit = text.charCodeAt(at);
      if (unit === backslash) {
        value += text.slice(plainFrom, at);
        this.at = at;
        value += this.readEscape();
        at = this.at;
        plainFrom = at;
        continue;
      }
      if (unit === quote) break;
      if (!(unit >= space))
        throw this.fail(at >= text.length ? 'unterminated string' : 'control character in a string', at);
      at++;
    }
    this.at = at + 1;
    return value + text.slice(plainFrom, at);
  }

  /** One escape at `at`; a pair of surrogate escapes is one. BI-6 */
  private readEscape(): string {
    const start = this.at;
    const letter = this.text[start + 1];
    this.at += 2;
    switch (letter) {
      case '"':
      case '\\':
      case '/':
        return letter;
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'u':
        break;
      default:
        throw this.fail('invalid escape', start);
    }
    const unit = this.readHex(start);
    if (unit === 0 && !this.isTrusted) throw this.fail('NUL is not allowed in a string', start);
    if (unit < 0xd800 || unit > 0xdfff || this.isTrusted) return String.fromCharCode(unit);
    if (unit > 0xdbff || this.text[this.at] !== '\\' || this.text[this.at + 1] !== 'u') {
      throw this.fail('lone surrogate in a string', start);
    }
    const second = this.at;
    this.at += 2;
    const low = this.readHex(second);
    if (low < 0xdc00 || low > 0xdfff) throw this.fail('lone surrogate in a string', start);
    return String.fromCharCode(unit, low);
  }

  private readHex(start: number): number {
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.fail('invalid escape', start);
    this.at += 4;
    return Number.parseInt(digits, 16);
  }

  private readNumber(): number | bigint {
    const text = this.text;
    const start = this.at;
    let at = start;
    if (text.charCodeAt(at) === minus) at++;
    if (text.charCodeAt(at) === zero && isDigit(text.charCodeAt(at + 1))) {
      throw this.fail('a number must not start with 0', at);
    }
    at = this.skipDigits(at);
    let isInteger = true;
    if (text.charCodeAt(at) === dot) {
      isInteger = false;
      at = this.skipDigits(at + 1);
    }
    if ((text.charCodeAt(at) | 0x20) === lowerE) {
      isInteger = false;
      const sign = text.charCodeAt(at + 1);
      at = this.skipDigits(sign === plus || sign === minus ? at + 2 : at + 1);
    }
    this.at = at;
    const digits = text.slice(start, at);
    const value = Number(digits);
    if (!Number.isFinite(value)) throw this.fail('number out of range', start);
    if (isInteger && at - start >= longIntegerUnits && !Number.isSafeInteger(value)) return BigInt(digits);
    return value;
  }

  /** The first unit after a run of at least one digit. */
  private skipDigits(from: number): number {
    let at = from;
    while (isDigit(this.text.charCodeAt(at))) at++;
    if (at === from) throw this.fail('expected a digit', at);
    return at;
  }

  private readWord<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.fail('expected a value');
    this.at += word.length;
    return value;
  }

  /** Skips white space and returns the unit that follows. */
  private skipSpace(): number {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== space && unit !== lineFeed && unit !== carriageReturn && unit !== tab) return unit;
      this.at++;
    }
  }

  private fail(what: string, offset = this.at): WireError {
    const found = offset >= this.text.length ? ' (the input ends there)' : '';
    return new WireError(`invalid JSON at ${positionOf(this.text, offset)}${found}: ${what}`, { offset });
  }
}

function isDigit(unit: number): boolean {
  return unit >= zero && unit <= nine;
}
