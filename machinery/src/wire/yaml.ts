import { Composer, type CST, Document, Lexer, Parser, Scalar, visit } from 'yaml';
import type { Decoded } from './json.ts';
import { decodeJson } from './json.ts';
import { defaultMaxBytes, defaultMaxDepth, positionOf, readText } from './text.ts';
import { type JsonValue, WireError, type WireLimits } from './value.ts';
import { YamlReader } from './yaml-reader.ts';
import { resolvePlain } from './yaml-scalars.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/**
 * A text may have one lexeme for so many bytes of its size limit: half a million for 3 MiB, which take 0.7 s and
 * 100 MB. Fields of real manifests have 5 to 8 lexemes and 30 bytes.
 */
const bytesPerLexeme = 6;

/**
 * Decodes one YAML document to the value model, as Kubernetes reads it (see {@link resolvePlain}). Keys are strings:
 * numbers and booleans as keys are spelled out; null, lists and maps as keys are refused. `<<` merges, and a key that
 * the map itself names always wins. Aliases are copied, within a budget. The last of duplicate keys wins and is
 * reported. An empty text is null; a second document is refused, where Kubernetes would ignore it.
 * KA-27, KA-61, KA-140, BI-1, BI-3, BI-4
 * @throws WireError with line and column
 */
export function decodeYaml(input: string | Uint8Array, limits?: WireLimits): Decoded {
  const documents = decodeYamlDocuments(input, limits);
  if (documents.length > 1) throw new WireError('expected one YAML document, found several');
  return documents[0] ?? { value: null, problems: [] };
}

/**
 * Decodes all documents of a YAML text in their order; documents without content are left out.
 * @throws WireError for the whole text when any document is invalid
 */
export function decodeYamlDocuments(input: string | Uint8Array, limits?: WireLimits): Decoded[] {
  const text = readText(input, limits);
  // Most `application/apply-patch+yaml` bodies are JSON, which decodes fifty times faster.
  if (/^\s*\{/.test(text)) {
    const decoded = tryJson(text, limits);
    if (decoded !== undefined) return [decoded.problems.length === 0 ? decoded : withLines(text, decoded, limits)];
  }
  return readDocuments(text, limits);
}

function readDocuments(text: string, limits: WireLimits | undefined): Decoded[] {
  const control = text.search(controlCharacter);
  if (control !== -1) throw fail(text, control, 'control characters are not allowed');
  const maxDepth = limits?.maxDepth ?? defaultMaxDepth;
  const maxBytes = limits?.maxBytes ?? defaultMaxBytes;
  const decoded: Decoded[] = [];
  for (const document of composeDocuments(text, maxDepth, maxBytes / bytesPerLexeme)) {
    const error = document.errors[0];
    if (error !== undefined) throw fail(text, error.pos[0], error.message);
    const { contents } = document;
    if (isEmpty(contents)) continue;
    const reader = new YamlReader(text, maxDepth, maxBytes);
    decoded.push({ value: reader.readNode(contents), problems: reader.problems.list });
  }
  return decoded;
}

/** JSON with doubled keys once more as YAML, whose reader knows their lines; it refuses some that JSON's reader takes. */
function withLines(text: string, decoded: Decoded, limits: WireLimits | undefined): Decoded {
  try {
    return readDocuments(text, limits)[0] ?? decoded;
  } catch (error) {
    if (error instanceof WireError) return decoded;
    throw error;
  }
}

/** Nothing at all, in contrast to a written `~` or `""`. */
function isEmpty(contents: unknown): boolean {
  if (contents === null) return true;
  return (
    contents instanceof Scalar && contents.source === '' && contents.type === 'PLAIN' && contents.tag === undefined
  );
}

function tryJson(text: string, limits: WireLimits | undefined): Decoded | undefined {
  try {
    return decodeJson(text, limits);
  } catch (error) {
    // It may still be YAML; if it is not, that reader's error stands.
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Depth and amount are checked while lexemes come in: composing is recursive and must never see a deep tree. */
function* composeDocuments(text: string, maxDepth: number, maxLexemes: number): Generator<Document.Parsed> {
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    merge: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  yield* composer.compose(boundedTokens(text, maxDepth, maxLexemes));
}

function* boundedTokens(text: string, maxDepth: number, maxLexemes: number): Generator<CST.Token> {
  const parser = new Parser();
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      // Later errors only follow from the first; collecting them all takes seconds for hostile input.
      if (token.type === 'error') throw fail(text, token.offset, token.message);
      yield token;
    }
    // Besides containers the stack holds the document and one scalar.
    if (parser.stack.length > maxDepth + 2) throw fail(text, parser.offset, `nested deeper than ${maxDepth} levels`);
    if (++lexemes > maxLexemes) throw new WireError('the YAML text has too many tokens', { kind: 'tooLarge' });
  }
  yield* parser.end();
}

function fail(text: string, offset: number, what: string): WireError {
  return new WireError(`invalid YAML at ${positionOf(text, offset)}: ${what}`, { offset });
}

/**
 * Encodes one value as a YAML document that ends with a newline. Every text that any common reader could take for
 * something else (`yes`, `1e3`, `<<`) is quoted, so decoding gives the same value. KA-27
 */
export function encodeYaml(value: JsonValue): string {
  const document = new Document(value, { aliasDuplicateObjects: false, compat: 'yaml-1.1' });
  visit(document, {
    Scalar(_key, node) {
      const { value: scalar } = node;
      if (typeof scalar === 'string') {
        if (needsQuotes(scalar)) node.type = Scalar.QUOTE_DOUBLE;
      } else if (typeof scalar === 'number' && !Number.isSafeInteger(scalar) && Number.isInteger(scalar)) {
        // A float without an exponent would be read as a long integer; see encodeJson.
        node.format = 'EXP';
      }
    },
  });
  return document.toString({ lineWidth: 0 });
}

/**
 * Whether a text would be read as something else without quotes: a word or number, a merge key, a byte order mark at the
 * start of the document, or lines whose white space a block scalar does not keep.
 */
function needsQuotes(text: string): boolean {
  if (text === '<<' || text.includes('\ufeff') || resolvePlain(text) !== text) return true;
  return text.includes('\n') && /^\s|[ \t\r](?:\n|$)/.test(text);
}
