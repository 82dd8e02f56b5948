import { expect, it } from 'vitest'
import { createImportProgress, formatSize, progressLine } from './progress.ts'

it('shows share, rate and time left', () => {
  expect(progressLine('web', { sentBytes: 512 * 2 ** 20, totalBytes: 1024 * 2 ** 20, millis: 4000 })).toBe(
    'web  [############............]  50%  128.0 MiB/s  4 s left',
  )
  expect(progressLine('web', { sentBytes: 0, totalBytes: 10, millis: 0 })).toContain('?')
})

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [3 * 2 ** 40, '3.0 TiB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text)
})

it('writes whole lines and no bar where nobody watches', () => {
  let text = ''
  const tell = createImportProgress({ write: (part) => (text += part), isTerminal: false, now: () => 0 })
  tell({ kind: 'Looks', name: 'web', seconds: 10 })
  tell({ kind: 'Replaces', name: 'web' })
  tell({ kind: 'Created', namespace: 'default', name: 'web', diskCount: 1 })
  tell({ kind: 'Progress', disk: 'web-disk-0', sentBytes: 1, totalBytes: 2 })
  tell({ kind: 'Filled', disk: 'web-disk-0', sentBytes: 2 * 2 ** 20, millis: 1000 })
  tell({ kind: 'Done', namespace: 'default', name: 'web', verified: true, started: false })
  expect(text).toBe(
    "an import of 'web' was begun before; looking for 10 s whether it goes on ...\nvirtualmachine.kubevirt.io/web of an interrupted import is replaced\n" +
      'virtualmachine.kubevirt.io/web created in default, 1 disk to fill\ndatavolume.cdi.kubevirt.io/web-disk-0 filled: 2.0 MiB in 1.0 s (2.0 MiB/s)\nvirtualmachine.kubevirt.io/web imported, checksums verified\n',
  )
})
