import { randomBytes } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { writeOva, writeVmdkStream } from '@weir/images'
import { applianceDescriptor } from '../../../apps/weir/src/appliance/descriptor.ts'
import { writeTinyDisk } from '../machines/tiny-guest.ts'
import { type GateServer, serveFiles } from './gate-server.ts'
import { createWeirHome, type WeirHome } from './weir-home.ts'

/** Where scenarios play: a data center that runs, a web server, and disks. */
export interface Stage {
  readonly weir: WeirHome
  /** Serves `obedient`, `deaf` and `appliance.ova`. */
  readonly server: GateServer
  /** Raw disks of a guest that listens to its power button, and of one that does not; the first is also in the appliance. */
  readonly disks: { readonly obedient: string; readonly deaf: string }
  /** The appliance as a file. */
  readonly appliance: string
  /** Ends all waiting. */
  readonly signal?: AbortSignal
}

const diskBytes = 2 << 20

/** A stage with `weir up` done. */
export async function setStage(): Promise<Stage> {
  const weir = await createWeirHome()
  const disks = { obedient: join(weir.home, 'obedient.raw'), deaf: join(weir.home, 'deaf.raw') }
  writeTinyDisk(disks.obedient)
  writeTinyDisk(disks.deaf, { isDeaf: true })
  // Something that does not compress away, so that half of a transfer is half of a disk.
  writeFileSync(disks.obedient, randomBytes(diskBytes / 2), { flag: 'a' })
  truncateSync(disks.deaf, diskBytes)
  const ova = join(weir.home, 'appliance.ova')
  await packOva(readFileSync(disks.obedient), ova)
  const server = await serveFiles({
    obedient: readFileSync(disks.obedient),
    deaf: readFileSync(disks.deaf),
    'appliance.ova': readFileSync(ova),
  })
  await weir.up()
  return { weir, server, disks, appliance: ova }
}

export async function strike({ weir, server }: Stage): Promise<void> {
  server.close()
  await weir.remove()
}

async function packOva(disk: Buffer, path: string): Promise<void> {
  const parts: Uint8Array[] = []
  for await (const part of writeVmdkStream(inOne(disk), disk.length)) parts.push(part)
  const vmdk = Buffer.concat(parts)
  const file = await open(path, 'w')
  try {
    await writeOva(
      { name: 'appliance.ovf', text: applianceDescriptor({ vmdkBytes: vmdk.length, capacityBytes: disk.length }) },
      [{ name: 'appliance-disk1.vmdk', sizeBytes: vmdk.length, bytes: inOne(vmdk) }],
      async (part) => {
        await file.write(part)
      },
    )
  } finally {
    await file.close()
  }
}

async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
