import { expect, it } from 'vitest'
import { holdExclusively } from './exclusive.ts'

it('lets one in at a time, and the next one after it', async () => {
  const directory = `/tmp/weir-exclusive-${process.pid}`
  const release = await holdExclusively(directory)
  await expect(holdExclusively(directory)).rejects.toMatchObject({ code: 'UP_ALREADY_RUNNING' })
  release()
  ;(await holdExclusively(directory))()
})
