import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inScratchFolder } from './scratch-folder.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-scratch-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

it('is there while it is used, and gone after success and failure', async () => {
  const use = async (folder: string): Promise<number> => {
    writeFileSync(join(folder, 'file'), '')
    return readdirSync(directory).length
  }
  expect(await inScratchFolder(directory, use)).toBe(1)
  await expect(inScratchFolder(directory, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(readdirSync(directory)).toEqual([])
})

it('takes away what killed processes left, and nothing else', async () => {
  const [killed, recycled, other] = ['scratch-4194305-7-abc', `scratch-${process.ppid}-1-abc`, 'appliance-1.raw']
  for (const name of [killed, recycled, other]) mkdirSync(join(directory, name))
  writeFileSync(join(directory, killed, 'disk.raw'), '')
  await inScratchFolder(directory, async (folder) => {
    await inScratchFolder(directory, async (another) => expect(another).not.toBe(folder))
    expect(readdirSync(directory)).toHaveLength(2)
  })
  expect(readdirSync(directory)).toEqual([other])
})
