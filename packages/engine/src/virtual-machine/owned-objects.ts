import {
  apiVersionOf,
  type DataVolume,
  dataVolume,
  type OwnerReference,
  persistentVolumeClaim,
  type VirtualMachine,
  virtualMachine,
  type VirtualMachineInstance,
  virtualMachineInstance,
} from '@weir/api'
import { isWeirError } from '@weir/base'
import type { ManagerContext } from '@weir/runtime'

const ownerOf = ({ metadata }: VirtualMachine): OwnerReference => ({
  apiVersion: apiVersionOf(virtualMachine),
  kind: virtualMachine.kind,
  name: metadata.name,
  uid: metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

/** The instance that a machine is started with; it goes with the machine. Pure. */
export function instanceOf(machine: VirtualMachine): VirtualMachineInstance {
  const { name, namespace = '' } = machine.metadata
  const { template } = machine.spec
  return {
    apiVersion: apiVersionOf(virtualMachineInstance),
    kind: virtualMachineInstance.kind,
    metadata: {
      name,
      namespace,
      labels: { ...template.metadata?.labels, 'kubevirt.io/vm': name },
      ...(template.metadata?.annotations === undefined ? {} : { annotations: template.metadata.annotations }),
      ownerReferences: [ownerOf(machine)],
    },
    spec: template.spec,
  }
}

/** Makes the DataVolumes of `dataVolumeTemplates` that are missing and whose claim is; they go with the machine. */
export async function ensureDisks(
  { client, cacheOf }: ManagerContext,
  machine: VirtualMachine,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '' } = machine.metadata
  for (const { metadata, spec } of machine.spec.dataVolumeTemplates ?? []) {
    const { name } = metadata
    if (name === undefined) continue
    if (cacheOf(dataVolume).get({ namespace, name }) !== undefined) continue
    if (cacheOf(persistentVolumeClaim).get({ namespace, name }) !== undefined) continue
    const object: DataVolume = {
      apiVersion: apiVersionOf(dataVolume),
      kind: dataVolume.kind,
      metadata: { ...metadata, name, namespace, ownerReferences: [ownerOf(machine)] },
      spec,
    }
    await client.create(dataVolume, object, signal).catch((error: unknown) => {
      if (!isWeirError(error, 'API_ALREADY_EXISTS')) throw error
    })
  }
}
