import { formatQuantity } from './format.ts';
import { parseQuantity } from './quantity.ts';
import { binaryShifts, decimalPowers } from './suffixes.ts';

const shape = /^[+-]?0*([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+)|([A-Za-z]*))$/;
const milli = 1_000_000n;
/** What is most often written; it is stored so, if it does not end where a suffix begins. */
const usual = /^[1-9][0-9]{0,5}(m|[kMGT]|[KMGT]i)?$/;
const maxInt64 = (1n << 63n) - 1n;

/**
 * The text that Kubernetes' servers store for a quantity: the canonical one, but for some texts that they keep as they
 * are, among them `1.555` and `1E3`. KA-51
 * @param inList an entry of a resource list, such as a container's requests: no finer than a thousandth, rounded up
 * @throws QuantityError
 */
export function storedQuantity(text: string, inList: boolean): string {
  if (usual.test(text) && Number.parseInt(text, 10) % (text.endsWith('i') ? 8 : 1000) !== 0) return text;
  const trimmed = text.trim();
  const quantity = parseQuantity(trimmed);
  if (isKept(trimmed, inList)) return trimmed;
  const { nanos, format } = quantity;
  const rest = nanos % milli;
  if (!inList || rest === 0n) return formatQuantity(quantity);
  return formatQuantity({ nanos: nanos - rest + (nanos < 0n ? -milli : milli), format });
}

/**
 * Go keeps the text of an amount that fits an int64 if its digits end where a suffix begins: three zeros behind a decimal
 * one, three bits behind a binary one are taken for another suffix.
 */
function isKept(text: string, inList: boolean): boolean {
  const [, whole = '', fraction = '', exponent, suffix = ''] = shape.exec(text) ?? [];
  const digits = `${whole === '' ? '0' : whole}${fraction}`;
  const shift = binaryShifts[suffix];
  const value = BigInt(digits);
  if (shift !== undefined) {
    const spare = 14 - digits.length - Math.trunc((shift * 3) / 10);
    return fraction === '' && spare >= 0 && value % 8n !== 0n && value << BigInt(shift) <= maxInt64;
  }
  const scale = (exponent === undefined ? (decimalPowers[suffix] ?? 0) : Number(exponent)) - fraction.length;
  if (scale < (inList ? -3 : -9) || scale % 3 !== 0 || digits.length > 18) return false;
  return !digits.startsWith('0') && !digits.endsWith('000');
}
