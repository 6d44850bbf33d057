import type { FieldError } from '@quarterdeck/apis';
import { isJsonObject, type JsonObject } from '@quarterdeck/machinery';
import { invalidField, objectAt, requiredField, stringAt, stringsAt, valueAt } from '../../registry/fields.ts';
import { dnsSubdomainProblems, pathSegmentProblems } from '../../registry/names.ts';
import { immutable, immutableText, named } from '../checks.ts';
import { cell, nameColumn } from '../columns.ts';
import { allMetadata, dataKind, status } from '../data-kind.ts';
import { cidrErrors, cidrText, familyOf, ipNumber, ipText, parseCidr } from './ip.ts';

/** An address in its one usual form. */
function addressNameProblems(name: string): string[] {
  const family = familyOf(name);
  const number = ipNumber(name);
  if (family === undefined || number === undefined)
    return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
  const usual = ipText(number, family);
  return usual === name ? [] : [`must be in canonical form ("${usual}")`];
}

function parentErrors(address: JsonObject): FieldError[] {
  const parent = valueAt(address, 'spec', 'parentRef');
  const path = 'spec.parentRef';
  if (!isJsonObject(parent)) return [requiredField(path)];
  return [
    ...named(parent, path, 'group', dnsSubdomainProblems),
    ...named(parent, path, 'resource', pathSegmentProblems, true),
    ...named(parent, path, 'name', pathSegmentProblems, true),
    ...named(parent, path, 'namespace', pathSegmentProblems),
  ];
}

function parentText(address: JsonObject): string | undefined {
  const parent = objectAt(address, 'spec', 'parentRef');
  const [group, resource, namespace, name] = ['group', 'resource', 'namespace', 'name'].map((field) =>
    stringAt(parent, field),
  );
  if (resource === '') return undefined;
  const kind = group === '' ? resource : `${resource}.${group}`;
  return [kind?.toLowerCase(), ...(namespace === '' ? [] : [namespace]), name].join('/');
}

/** KA-3 */
export const ipAddresses = dataKind({
  group: 'networking.k8s.io',
  kind: 'IPAddress',
  plural: 'ipaddresses',
  scope: 'Cluster',
  shortNames: ['ip'],
  allColumns: [nameColumn, cell('ParentRef', 'The object that holds the address.', parentText)],
  strategy: {
    validateName: addressNameProblems,
    validate: parentErrors,
    validateUpdate: (address, old) => immutable(address, old, 'spec', 'parentRef'),
  },
});

function rangeErrors(range: JsonObject): FieldError[] {
  const cidrs = stringsAt(range, 'spec', 'cidrs');
  const path = 'spec.cidrs';
  if (cidrs.length === 0) return [requiredField(path, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalidField(path, [...cidrs], 'may only hold up to 2 values')];
  const families = cidrs.map((cidr) => parseCidr(cidr)?.family);
  return [
    ...cidrs.flatMap((cidr, index) => canonicalErrors(cidr, `${path}[${index}]`)),
    ...(cidrs.length === 2 && families[0] !== undefined && families[0] === families[1]
      ? [
          invalidField(
            path,
            [...cidrs],
            'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
          ),
        ]
      : []),
  ];
}

function canonicalErrors(text: string, path: string): FieldError[] {
  const cidr = parseCidr(text);
  if (cidr === undefined) return cidrErrors(text, path);
  const usual = cidrText(cidr);
  return usual === text ? [] : [invalidField(path, text, `must be in canonical form ("${usual}")`)];
}

/** Ranges may come, never go or change: addresses of theirs are in use. */
function rangeUpdateErrors(range: JsonObject, old: JsonObject): FieldError[] {
  const before = stringsAt(old, 'spec', 'cidrs');
  const now = stringsAt(range, 'spec', 'cidrs');
  const kept = before.every((cidr, index) => now[index] === cidr);
  if (kept && (now.length === before.length || (before.length === 1 && now.length === 2))) return [];
  if (now.length < before.length) return immutable(range, old, 'spec', 'cidrs');
  return before.flatMap((cidr, index) =>
    now[index] === cidr ? [] : [invalidField(`spec.cidrs[${index}]`, now[index], immutableText)],
  );
}

/** KA-3 */
export const serviceCidrs = dataKind({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  plural: 'servicecidrs',
  scope: 'Cluster',
  columns: [cell('CIDRs', 'The ranges.', (range) => stringsAt(range, 'spec', 'cidrs').join(','))],
  subresources: { status },
  strategy: { statusKeeps: allMetadata, validate: rangeErrors, validateUpdate: rangeUpdateErrors },
});
