import { encodeJson } from '../../wire/json.ts';
import { CelCidr } from '../libraries/cidr.ts';
import { formatCidr } from '../libraries/cidr-block.ts';
import { CelFormat } from '../libraries/format.ts';
import { printUrl } from '../libraries/go-url.ts';
import { CelIp } from '../libraries/ip.ts';
import { formatIp } from '../libraries/ip-address.ts';
import type { KubeQuantity } from '../libraries/kube-quantity.ts';
import { CelQuantity } from '../libraries/quantity.ts';
import { formatVersion } from '../libraries/semantic-version.ts';
import { CelSemver } from '../libraries/semver.ts';
import { CelUrl } from '../libraries/url.ts';
import { formatTimestamp } from '../time.ts';
import { typeName } from '../types.ts';
import {
  CelDuration,
  CelList,
  CelMap,
  type CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
} from '../values.ts';

/** A value as cel-recorder writes it (e2e/kube/cel-recorder/render.go): equal values of one type have the same text. */
export function renderValue(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      return `double(${Object.is(value, -0) ? '-0' : String(value)})`;
    case 'string':
      return encodeJson(value);
    default:
      return renderObject(value);
  }
}

function renderObject(value: Exclude<CelValue, boolean | bigint | number | string>): string {
  if (value === null) return 'null';
  if (value instanceof CelUint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b"${Buffer.from(value).toString('hex')}"`;
  if (value instanceof CelDuration) return `duration(${value.nanos})`;
  if (value instanceof CelTimestamp) return `timestamp("${formatTimestamp(value)}")`;
  if (value instanceof CelTypeValue) return `type(${typeName(value.type)})`;
  if (value instanceof CelOptional) return `optional(${value.value === undefined ? '' : renderValue(value.value)})`;
  if (value instanceof CelList) return `[${Array.from(value, renderValue).join(', ')}]`;
  if (value instanceof CelMap) return renderMap(value);
  return renderOpaque(value);
}

function renderMap(map: CelMap): string {
  const entries = Array.from(map.keys(), (key) => `${renderValue(key)}: ${renderValue(map.get(key) ?? null)}`);
  return `{${entries.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join(', ')}}`;
}

function renderOpaque(value: CelOpaque): string {
  const name = typeName(value.type);
  if (value instanceof CelIp) return `${name}("${formatIp(value.address)}")`;
  if (value instanceof CelCidr) return `${name}("${formatCidr(value.block)}")`;
  if (value instanceof CelUrl) return `${name}(${encodeJson(printUrl(value.url))})`;
  if (value instanceof CelSemver) return `${name}("${formatVersion(value.version)}")`;
  if (value instanceof CelQuantity) return `${name}(${renderAmount(value.quantity)})`;
  return value instanceof CelFormat ? `${name}("${value.format.name}")` : name;
}

function renderAmount({ unscaled, power }: KubeQuantity): string {
  const digits = String(unscaled);
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '0e0' : `${trimmed}e${power + digits.length - trimmed.length}`;
}
