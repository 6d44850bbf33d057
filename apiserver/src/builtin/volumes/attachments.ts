import type { FieldError } from '@quarterdeck/apis';
import type { JsonObject } from '@quarterdeck/machinery';
import { forbiddenField, invalidField, objectAt, requiredField, stringAt, valueAt } from '../../registry/fields.ts';
import { dnsSubdomainProblems } from '../../registry/names.ts';
import { immutable, named } from '../checks.ts';
import { cell } from '../columns.ts';
import { allMetadata, dataKind, status } from '../data-kind.ts';

function validate(attachment: JsonObject): FieldError[] {
  const spec = objectAt(attachment, 'spec');
  const inline = valueAt(spec, 'source', 'inlineVolumeSpec');
  const name = valueAt(spec, 'source', 'persistentVolumeName');
  const path = 'spec.source';
  const exactly = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  const node = stringAt(spec, 'nodeName');
  return [
    ...named(spec, 'spec', 'attacher', (text) => dnsSubdomainProblems(text.toLowerCase()), true),
    ...(inline === undefined && name === undefined ? [requiredField(path, exactly)] : []),
    ...(inline !== undefined && name !== undefined ? [forbiddenField(path, exactly)] : []),
    ...(name === ''
      ? [requiredField(`${path}.persistentVolumeName`, 'must specify non empty persistentVolumeName')]
      : []),
    ...dnsSubdomainProblems(node).map((problem) => invalidField('spec.nodeName', node, problem)),
  ];
}

/** KA-3 */
export const volumeAttachments = dataKind({
  group: 'storage.k8s.io',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  scope: 'Cluster',
  columns: [
    { ...cell('Attacher', 'The driver.', (object) => stringAt(object, 'spec', 'attacher')), format: 'name' },
    cell('PV', 'The volume.', (object) => stringAt(object, 'spec', 'source', 'persistentVolumeName')),
    cell('Node', 'The node.', (object) => stringAt(object, 'spec', 'nodeName')),
    cell('Attached', 'Whether it is done.', (object) => valueAt(object, 'status', 'attached') === true, {
      type: 'boolean',
    }),
  ],
  subresources: { status },
  strategy: {
    statusKeeps: allMetadata,
    deleteReturnsObject: true,
    allowUnconditionalUpdate: false,
    validate,
    validateUpdate: (attachment, old) => immutable(attachment, old, 'spec'),
  },
});
