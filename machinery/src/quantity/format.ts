import type { Quantity } from './quantity.ts';

const nano = 1_000_000_000n;
const binaryUnits = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimalUnits: Readonly<Record<number, string>> = {
  [-9]: 'n',
  [-6]: 'u',
  [-3]: 'm',
  0: '',
  3: 'k',
  6: 'M',
  9: 'G',
  12: 'T',
  15: 'P',
  18: 'E',
};

/**
 * The canonical text: no fraction, the largest suffix that keeps it whole, a sign only when negative. A binary amount
 * below 1024 or with part of a byte is written decimally, as in Kubernetes.
 */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.nanos === 0n) return '0';
  switch (quantity.format) {
    case 'BinarySI':
      return isWholeBinary(quantity.nanos) ? formatBinary(quantity.nanos / nano) : formatDecimal(quantity.nanos);
    case 'DecimalSI':
      return formatDecimal(quantity.nanos);
    case 'DecimalExponent': {
      const { digits, power } = dropThousands(quantity.nanos, Number.POSITIVE_INFINITY);
      return power === 0 ? `${digits}` : `${digits}e${power}`;
    }
  }
}

function isWholeBinary(nanos: bigint): boolean {
  const magnitude = nanos < 0n ? -nanos : nanos;
  return magnitude >= 1024n * nano && nanos % nano === 0n;
}

function formatBinary(value: bigint): string {
  let rest = value;
  let unit = 0;
  while (rest % 1024n === 0n && unit < binaryUnits.length - 1) {
    rest /= 1024n;
    unit++;
  }
  return `${rest}${binaryUnits[unit]}`;
}

function formatDecimal(nanos: bigint): string {
  const { digits, power } = dropThousands(nanos, 18);
  return `${digits}${decimalUnits[power]}`;
}

function dropThousands(nanos: bigint, maxPower: number): { digits: bigint; power: number } {
  let digits = nanos;
  let power = -9;
  while (digits % 1000n === 0n && power < maxPower) {
    digits /= 1000n;
    power += 3;
  }
  return { digits, power };
}
