import { CelEvaluationError } from '../errors.ts';
import type { CelLibrary, OverloadCost } from '../library.ts';
import { addRanges, fixed, type Range } from '../size.ts';
import { boolType, type CelType, intType, opaqueType, stringType } from '../types.ts';
import { CelOpaque, type CelValue, sizeForCost } from '../values.ts';
import {
  blockContainsBlock,
  blockContainsIp,
  type CidrBlock,
  formatCidr,
  maskedCidr,
  parseCidr,
} from './cidr-block.ts';
import {
  accepts,
  accessorCost,
  declare,
  global,
  member,
  noSuchOverload,
  textOf,
  walk,
  walkCost,
  walked,
} from './declare.ts';
import { CelIp, ipOf, ipType } from './ip.ts';
import { AddressError, parseIp } from './ip-address.ts';

const cidrType: CelType = opaqueType('net.CIDR');

/** A block of addresses as a value. */
export class CelCidr extends CelOpaque {
  readonly type = cidrType;
  readonly block: CidrBlock;

  constructor(block: CidrBlock) {
    super();
    this.block = block;
  }

  equals(other: CelValue): boolean {
    const { ip, prefixLength } = cidrOf(other);
    const ours = this.block;
    return ours.prefixLength === prefixLength && ours.ip.family === ip.family && ours.ip.value === ip.value;
  }

  /** The bytes that the prefix takes. */
  override size(): number {
    return Math.ceil(this.block.prefixLength / 8);
  }
}

function cidrOf(value: CelValue | undefined): CidrBlock {
  if (value instanceof CelCidr) return value.block;
  throw noSuchOverload();
}

function cidrFromText(text: string): CidrBlock {
  try {
    return parseCidr(text);
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new CelEvaluationError(`network address parse error during conversion from string: ${error.message}`);
  }
}

/** What is no address gets this poor error in Kubernetes, and so it gets it here. */
function containsText(block: CidrBlock, text: string): boolean {
  if (!accepts(AddressError, () => parseIp(text))) throw noSuchOverload();
  return blockContainsIp(block, parseIp(text));
}

/** The bytes of an address of either family. */
const addressBytes: Range = { min: 4, max: 16 };

/** Comparing two addresses, and reading the second from a text where it is one. */
function containsCost(options: { isText: boolean; isBlock: boolean }): OverloadCost {
  const masks = options.isBlock ? 1 : 0;
  return {
    estimate: (estimator, _target, args) => {
      const [other] = args;
      let cost = walk(addRanges(addressBytes, addressBytes), 1);
      if (options.isBlock) cost = addRanges(addRanges(cost, walk(addressBytes, 1)), fixed(1));
      if (options.isText && other !== undefined) cost = addRanges(cost, walk(estimator.sizeOf(other), 1));
      return { cost };
    },
    actual: ([block, other]) => {
      const size = sizeForCost(block ?? null);
      const compared = Math.ceil((size + size) * 0.1) + masks * (Math.ceil(size * 0.1) + 1);
      return compared + (options.isText ? walked(other) : 0);
    },
  };
}

/** CIDR blocks: since Kubernetes 1.30. KA-102 */
export const cidrLibrary: CelLibrary = {
  name: 'kubernetes.net.cidr',
  types: [cidrType],
  functions: [
    declare(
      'cidr',
      global('string_to_cidr', [stringType], cidrType, {
        call: ([text]) => new CelCidr(cidrFromText(textOf(text))),
        cost: walkCost(),
      }),
    ),
    declare(
      'isCIDR',
      global('is_cidr', [stringType], boolType, {
        call: ([text]) => accepts(AddressError, () => parseCidr(textOf(text))),
        cost: walkCost(),
      }),
    ),
    declare(
      'containsIP',
      member('cidr_contains_ip_string', [cidrType, stringType], boolType, {
        call: ([block, text]) => containsText(cidrOf(block), textOf(text)),
        cost: containsCost({ isText: true, isBlock: false }),
      }),
      member('cidr_contains_ip_ip', [cidrType, ipType], boolType, {
        call: ([block, ip]) => blockContainsIp(cidrOf(block), ipOf(ip)),
        cost: containsCost({ isText: false, isBlock: false }),
      }),
    ),
    declare(
      'containsCIDR',
      member('cidr_contains_cidr_string', [cidrType, stringType], boolType, {
        call: ([block, text]) => blockContainsBlock(cidrOf(block), cidrFromText(textOf(text))),
        cost: containsCost({ isText: true, isBlock: true }),
      }),
      member('cidr_contains_cidr', [cidrType, cidrType], boolType, {
        call: ([block, other]) => blockContainsBlock(cidrOf(block), cidrOf(other)),
        cost: containsCost({ isText: false, isBlock: true }),
      }),
    ),
    declare(
      'ip',
      member('cidr_ip', [cidrType], ipType, { call: ([block]) => new CelIp(cidrOf(block).ip), cost: accessorCost }),
    ),
    declare(
      'prefixLength',
      member('cidr_prefix_length', [cidrType], intType, {
        call: ([block]) => BigInt(cidrOf(block).prefixLength),
        cost: accessorCost,
      }),
    ),
    declare(
      'masked',
      member('cidr_masked', [cidrType], cidrType, {
        call: ([block]) => new CelCidr(maskedCidr(cidrOf(block))),
        cost: accessorCost,
      }),
    ),
    declare(
      'string',
      global('cidr_to_string', [cidrType], stringType, { call: ([block]) => formatCidr(cidrOf(block)) }),
    ),
  ],
};
