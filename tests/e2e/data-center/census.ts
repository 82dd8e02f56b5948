import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  dataVolume,
  type KindDefinition,
  type KubernetesObject,
  namespace,
  persistentVolume,
  persistentVolumeClaim,
  secret,
  virtualMachine,
  virtualMachineInstance,
} from '@weir/api'
import { processesOf } from './processes.ts'
import type { WeirHome } from './weir-home.ts'

/** All that a data center is made of at a moment, comparable with that of another moment: uids read `*`. */
export interface Census {
  /** Program and number of ports that it listens on. */
  readonly processes: readonly string[]
  readonly machines: readonly string[]
  readonly volumes: readonly string[]
  /** Files that were written halfway, and what lies in the folder for temporary files. */
  readonly scraps: readonly string[]
  /** Kind, namespace, name and state. */
  readonly objects: readonly string[]
  /** Errors in the log. */
  readonly complaints: readonly string[]
}

const kinds: readonly KindDefinition[] = [
  namespace,
  virtualMachine,
  virtualMachineInstance,
  dataVolume,
  persistentVolumeClaim,
  persistentVolume,
  secret,
]

/** Counts everything. The processes of commands that still run count too. */
export async function takeCensus(weir: WeirHome): Promise<Census> {
  const lists = await Promise.all(
    kinds.map(async (kind) => (await weir.client().list(kind)).items.map((each) => nameOf(kind, each))),
  )
  return {
    processes: processesOf(weir.home)
      .map(({ name, ports }) => `${name} ports=${ports.length}`)
      .toSorted(),
    machines: filesIn(join(weir.home, 'machines')),
    volumes: filesIn(join(weir.home, 'volumes')),
    scraps: filesIn(weir.home).filter((file) => /\.new$|^tmp\/|scratch/u.test(file)),
    objects: lists.flat().toSorted(),
    complaints: readFileSync(join(weir.home, 'log', 'weir.log'), 'utf8')
      .split('\n')
      .filter((line) => line.includes('"level":"error"')),
  }
}

const uid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gu

const filesIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((file) => file.replaceAll(uid, '*'))
        .toSorted()
    : []

function nameOf(kind: KindDefinition, object: KubernetesObject): string {
  const { namespace: home = '', name, deletionTimestamp } = object.metadata
  const status = ('status' in object ? object.status : {}) as { readonly phase?: string; readonly printableStatus?: string }
  const state = deletionTimestamp === undefined ? (status.printableStatus ?? status.phase ?? '') : 'being deleted'
  return `${kind.kind} ${home}/${name} ${state}`.replaceAll(uid, '*')
}
