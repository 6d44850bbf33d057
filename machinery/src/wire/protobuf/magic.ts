/** `k8s` and NUL: what every Kubernetes protobuf body begins with. KA-30 */
export const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00);

/** Whether bytes begin as a Kubernetes protobuf envelope. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
