import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { isJsonObject } from '@quarterdeck/machinery';
import {
  invalidField,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  requiredField,
  stringAt,
  valueAt,
} from '../../registry/fields.ts';
import { ageColumn, fieldColumn, nameColumn, textColumn } from '../columns.ts';
import { dataKind, status } from '../data-kind.ts';
import { withAbsent } from './pod-defaults.ts';

/** Cluster addresses are not allocated: a service is data here, without a proxy behind it. */
function complete(service: JsonObject): JsonObject {
  const spec = objectAt(service, 'spec');
  const ports = listAt(spec, 'ports').map((port) =>
    isJsonObject(port) ? withAbsent(port, { protocol: 'TCP', targetPort: port.port ?? 0 }) : port,
  );
  return {
    ...service,
    spec: {
      ...withAbsent(spec, { type: 'ClusterIP', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster' }),
      ...(valueAt(spec, 'ports') === undefined ? {} : { ports }),
    },
  };
}

function validate(service: JsonObject): FieldError[] {
  const needsPorts =
    stringAt(service, 'spec', 'type') !== 'ExternalName' && stringAt(service, 'spec', 'clusterIP') !== 'None';
  const ports = objectsAt(service, 'spec', 'ports');
  return [
    ...(needsPorts && ports.length === 0 ? [requiredField('spec.ports')] : []),
    ...ports.flatMap((port, index) => {
      const number = numberAt(port, 'port') ?? 0;
      return number >= 1 && number <= 65_535
        ? []
        : [invalidField(`spec.ports[${index}].port`, number, 'must be between 1 and 65535, inclusive')];
    }),
  ];
}

function portsText(service: JsonObject): string {
  return objectsAt(service, 'spec', 'ports')
    .map((port) => `${numberAt(port, 'port') ?? 0}/${stringAt(port, 'protocol')}`)
    .join(',');
}

function selectorText(service: JsonObject): string {
  return Object.entries(objectAt(service, 'spec', 'selector'))
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}

export const services = dataKind({
  group: '',
  kind: 'Service',
  plural: 'services',
  scope: 'Namespaced',
  shortNames: ['svc'],
  categories: ['all'],
  allColumns: [
    nameColumn,
    fieldColumn('Type', 'How it is reached.', 'spec', 'type'),
    fieldColumn('Cluster-IP', 'Address within the cluster.', 'spec', 'clusterIP'),
    textColumn('External-IP', 'Addresses from outside.', (service) =>
      listAt(service, 'spec', 'externalIPs').map(String).join(','),
    ),
    textColumn('Port(s)', 'Its ports.', portsText),
    ageColumn,
    textColumn('Selector', 'Which pods it leads to.', selectorText, 1),
  ],
  selectableFields: [
    { path: 'spec.clusterIP', value: (service) => stringAt(service, 'spec', 'clusterIP') },
    { path: 'spec.type', value: (service) => stringAt(service, 'spec', 'type') },
  ],
  subresources: { status },
  strategy: { allowCreateOnUpdate: true, complete, validate },
});
