import type { ApiExtension, ByteChannel, ExtensionAnswer, ExtensionCall } from '@weir/api'
import { WeirError } from '@weir/base'
import { readJson } from '../json-body.ts'
import type { MachineStream } from '../machine/machine.ts'
import { pause, restart, runningMachine, start, stop, unpause, type Verb, type VerbDeps } from './verbs.ts'

const verbs: Readonly<Record<string, Verb>> = {
  'virtualmachines/start': start,
  'virtualmachines/stop': stop,
  'virtualmachines/restart': restart,
  'virtualmachineinstances/pause': pause,
  'virtualmachineinstances/unpause': unpause,
}
const streams = ['virtualmachineinstances/console', 'virtualmachineinstances/vnc'] as const

/** `subresources.kubevirt.io/v1`: the verbs and conversations of machines, with the answers of KubeVirt's virt-api. */
export const createSubresources = (deps: () => VerbDeps): ApiExtension => ({
  group: 'subresources.kubevirt.io',
  version: 'v1',
  resources: [
    ...Object.keys(verbs).map((name) => ({ name, kind: 'VirtualMachine', namespaced: true, verbs: ['update'] })),
    ...streams.map((name) => ({ name, kind: 'VirtualMachineInstance', namespaced: true, verbs: ['get'] })),
  ],
  handle: (call) => answer(deps(), call),
})

async function answer(deps: VerbDeps, call: ExtensionCall): Promise<ExtensionAnswer> {
  const { resource, subresource = '', namespace = '', name = '', method } = call
  const key = { namespace, name }
  const verb = Object.hasOwn(verbs, `${resource}/${subresource}`) ? verbs[`${resource}/${subresource}`] : undefined
  if (verb !== undefined) {
    if (method !== 'PUT') throw new WeirError('API_BAD_REQUEST', `'${subresource}' takes a PUT, not ${method}`)
    await verb(deps, key, await optionsIn(call))
    return { kind: 'Json', code: 202, body: {} }
  }
  const id = await runningMachine(deps, key)
  const open = async (): Promise<MachineStream> => (subresource === 'vnc' ? deps.machines.vnc(id) : deps.machines.console(id))
  return { kind: 'Channel', protocols: ['plain.kubevirt.io'], run: async (channel) => join(channel, await open()) }
}

async function optionsIn({ body }: ExtensionCall): Promise<Readonly<Record<string, unknown>>> {
  const value = await readJson(body)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

/** Carries bytes both ways until either side ends. */
async function join(channel: ByteChannel, stream: MachineStream): Promise<void> {
  const out = (async () => {
    for await (const bytes of stream.incoming) await channel.send(bytes)
  })()
  const back = (async () => {
    for await (const bytes of channel.incoming) await stream.write(bytes)
  })()
  try {
    await Promise.race([out, back])
  } finally {
    stream.close()
    channel.close()
    await Promise.allSettled([out, back])
  }
}
