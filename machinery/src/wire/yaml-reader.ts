import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { ProblemList } from './problems.ts';
import { lineAt, positionOf, unstorable } from './text.ts';
import { type JsonObject, type JsonValue, setOwn, WireError } from './value.ts';
import {
  outOfRange,
  type PlainScalar,
  resolveFloat,
  resolveInteger,
  resolvePlain,
  withoutGrouping,
} from './yaml-scalars.ts';

const standardTag = 'tag:yaml.org,2002:';

/** What a copied container costs of the alias budget, in characters; a scalar costs a quarter and its length. */
const containerCost = 16;

/**
 * Turns the nodes of one YAML document into a value. Anchors are kept in document order by this reader: the library's
 * own lookup walks the document for each alias, which is quadratic. Copies made through aliases count against a budget,
 * before they are made, so an alias bomb ends early. KA-140, BI-3
 */
export class YamlReader {
  readonly problems = new ProblemList();
  private readonly text: string;
  private readonly maxDepth: number;
  private readonly anchors = new Map<string, Node>();
  private readonly openAliases = new Set<Node>();
  private budget: number;
  private depth = 0;

  constructor(text: string, maxDepth: number, aliasBudget: number) {
    this.text = text;
    this.maxDepth = maxDepth;
    this.budget = aliasBudget;
  }

  readNode(node: unknown): JsonValue {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.followAlias(node, (target) => this.readNode(target));
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) throw new WireError('unexpected YAML node');
    this.remember(node);
    if (isScalar(node)) return this.readScalar(node);
    this.checkContainer(node);
    this.depth++;
    const value = isMap(node) ? this.readMap(node) : this.readList(node);
    this.depth--;
    return value;
  }

  private remember(node: Scalar | YAMLMap | YAMLSeq): void {
    if (node.anchor !== undefined && this.openAliases.size === 0) this.anchors.set(node.anchor, node);
    if (this.openAliases.size === 0) return;
    this.budget -= isScalar(node) ? containerCost / 4 + (node.source?.length ?? 0) : containerCost;
    if (this.budget < 0) throw this.fail(node, 'aliases expand to too much');
  }

  private followAlias<T>(alias: Alias, use: (target: Node) => T): T {
    const target = this.anchors.get(alias.source);
    if (target === undefined) throw this.fail(alias, `unknown anchor "${alias.source}"`);
    if (this.openAliases.has(target)) throw this.fail(alias, `anchor "${alias.source}" contains itself`);
    this.openAliases.add(target);
    const result = use(target);
    this.openAliases.delete(target);
    return result;
  }

  private checkContainer(node: YAMLMap | YAMLSeq): void {
    if (this.depth >= this.maxDepth) throw this.fail(node, `nested deeper than ${this.maxDepth} levels`);
    const expected = isMap(node) ? 'map' : 'seq';
    if (node.tag !== undefined && node.tag !== `${standardTag}${expected}`)
      throw this.fail(node, `unsupported tag ${node.tag}`);
  }

  private readList(node: YAMLSeq): JsonValue[] {
    return node.items.map((item, index) => {
      const before = this.problems.count;
      const value = this.readNode(item);
      if (this.problems.count !== before) this.problems.prefixIndex(index, before);
      return value;
    });
  }

  private lineOf(key: unknown): number | undefined {
    const offset = isScalar(key) ? key.range?.[0] : undefined;
    return offset === undefined ? undefined : lineAt(this.text, offset).line;
  }

  private readMap(node: YAMLMap): JsonObject {
    const object: JsonObject = {};
    const firstProblem = this.problems.count;
    const merges: Pair[] = [];
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        merges.push(pair);
        continue;
      }
      const key = this.readKey(pair.key, node);
      const before = this.problems.count;
      const value = this.readNode(pair.value);
      if (this.problems.count !== before) this.problems.prefixKey(key, before);
      if (Object.hasOwn(object, key)) this.problems.addDuplicate(key, firstProblem, this.lineOf(pair.key));
      setOwn(object, key, value);
    }
    for (const merge of merges) this.mergeInto(object, merge.value, node);
    return object;
  }

  /** Adds what the map does not have itself; of several sources the first wins. */
  private mergeInto(object: JsonObject, source: unknown, parent: Node): void {
    if (isAlias(source)) {
      this.followAlias(source, (target) => this.mergeInto(object, target, parent));
      return;
    }
    if (isSeq(source)) {
      this.remember(source);
      for (const item of source.items) {
        if (isSeq(item)) throw this.fail(item, 'a merge takes a map or a list of maps');
        this.mergeInto(object, item, parent);
      }
      return;
    }
    if (!isMap(source)) throw this.fail(parent, 'a merge takes a map or a list of maps');
    const merged = this.readNode(source) as JsonObject;
    for (const key of Object.keys(merged))
      if (!Object.hasOwn(object, key)) setOwn(object, key, merged[key] as JsonValue);
  }

  private readKey(node: unknown, parent: Node): string {
    const key = isScalar(node) || isAlias(node) ? this.readNode(node) : undefined;
    if (key === undefined || key === null || typeof key === 'object') {
      throw this.fail(node === null || node === undefined ? parent : (node as Node), 'a key must be a string');
    }
    return String(key);
  }

  private readScalar(node: Scalar): Exclude<PlainScalar, symbol> {
    const value = this.resolveScalar(node);
    if (value === outOfRange) throw this.fail(node, 'number out of range');
    if (typeof value === 'string') {
      const reason = unstorable(value);
      if (reason !== undefined) throw this.fail(node, reason);
    }
    return value;
  }

  private resolveScalar(node: Scalar): PlainScalar {
    const source = this.sourceOf(node);
    if (node.tag === undefined) return node.type === 'PLAIN' ? resolvePlain(source) : source;
    const plain = resolvePlain(source);
    switch (node.tag) {
      case '!':
      case `${standardTag}str`:
      case `${standardTag}timestamp`:
        return source;
      case `${standardTag}int`:
        return resolveInteger(withoutGrouping(source)) ?? this.mismatch(node);
      case `${standardTag}float`:
        if (plain === outOfRange) return plain;
        return resolveFloat(withoutGrouping(source)) ?? this.mismatch(node);
      case `${standardTag}bool`:
        return typeof plain === 'boolean' ? plain : this.mismatch(node);
      case `${standardTag}null`:
        return plain === null ? plain : this.mismatch(node);
      default:
        throw this.fail(node, `unsupported tag ${node.tag}`);
    }
  }

  /** A block scalar that the text ends in without a newline has none either; the library adds one. */
  private sourceOf(node: Scalar): string {
    const source = node.source ?? String(node.value);
    const isCutBlock =
      node.type?.startsWith('BLOCK_') && node.range?.[1] === this.text.length && !this.text.endsWith('\n');
    return isCutBlock ? source.replace(/\n$/, '') : source;
  }

  private mismatch(node: Scalar): never {
    throw this.fail(node, `the value does not fit its tag ${node.tag}`);
  }

  private fail(node: Node, what: string): WireError {
    const offset = node.range?.[0] ?? 0;
    return new WireError(`invalid YAML at ${positionOf(this.text, offset)}: ${what}`, { offset });
  }
}

/** Unquoted only, as in Kubernetes' decoder. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<' && key.tag === undefined;
}
