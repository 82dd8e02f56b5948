import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe } from 'vitest'
import { createFakeDisk } from './fake-volumes.ts'
import { describeVolumes } from './volumes.contract.ts'
import { createVolumes } from './volumes.ts'

describe('volumes in files', () => {
  const directories: string[] = []
  afterEach(() => Promise.all(directories.splice(0).map((each) => rm(each, { recursive: true, force: true }))))
  let ids = 0
  describeVolumes(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'weir-volumes-'))
    directories.push(directory)
    return {
      open: () => createVolumes({ directory, newId: () => `base-${ids++}` }),
      write: async (scratch, sizeBytes) => {
        await writeFile(scratch, 'x')
        await truncate(scratch, sizeBytes)
      },
    }
  })
})

describe('volumes of the fake', () => {
  describeVolumes(async () => {
    const disk = createFakeDisk(1 << 30)
    return { open: () => disk.open(), write: async (scratch, sizeBytes) => disk.write(scratch, sizeBytes) }
  })
})
