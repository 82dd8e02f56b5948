/**
 * A streamOptimized VMDK into a raw disk: our reader, alone and out of an OVA with its checksums, against `qemu-img convert` of the
 * extracted VMDK. One GiB with 640 MiB of mixed data, five interleaved rounds, medians.
 */
import { execFileSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileTarget, importVmdkStream, openOva, writeOva } from '../../packages/images/src/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'))
const [raw, vmdk, ova, target] = ['disk.raw', 'disk.vmdk', 'disk.ova', 'target.raw'].map((name) => join(directory, name)) as [
  string,
  string,
  string,
  string,
]
const mebibyte = 1 << 20

async function makeDisk(): Promise<void> {
  const file = await open(raw, 'w')
  await file.truncate(1024 * mebibyte)
  const text = Buffer.alloc(mebibyte, 'Servers in, a data center as a service out. ')
  const noise = Buffer.alloc(mebibyte)
  for (let at = 0; at < 640; at++)
    await file.write(at % 2 === 0 ? text : randomFillSync(noise), 0, mebibyte, Math.floor(at * 1.6) * mebibyte)
  await file.close()
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, vmdk])
  const out = createWriteStream(ova)
  const bytes = createReadStream(vmdk, { highWaterMark: mebibyte }) as AsyncIterable<Uint8Array>
  await writeOva(
    { name: 'disk.ovf', text: '<Envelope/>' },
    [{ name: 'disk.vmdk', sizeBytes: statSync(vmdk).size, bytes }],
    (part) => new Promise((resolve) => out.write(part, () => resolve())),
  )
  await new Promise((resolve) => out.end(resolve))
}

async function importStream(source: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(target, 'w')
  await importVmdkStream(source, fileTarget(file), {
    limits: { maxCapacityBytes: 2 ** 40 },
    label: 'disk',
    signal: new AbortController().signal,
  })
  await file.close()
}

const ways: Readonly<Record<string, () => Promise<void>>> = {
  'qemu-img convert': async () => {
    execFileSync('qemu-img', ['convert', '-f', 'vmdk', '-O', 'raw', vmdk, target])
    await Promise.resolve()
  },
  'weir, the VMDK': () => importStream(createReadStream(vmdk, { highWaterMark: mebibyte }) as AsyncIterable<Uint8Array>),
  'weir, out of the OVA': async () => {
    for await (const event of openOva(
      createReadStream(ova, { highWaterMark: mebibyte }) as AsyncIterable<Uint8Array>,
      'disk.ova',
    )) {
      if (event.kind === 'File') await importStream(event.bytes)
    }
  },
}

await makeDisk()
const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]))
for (let round = 0; round < 5; round++) {
  for (const [name, run] of Object.entries(ways)) {
    rmSync(target, { force: true })
    const begun = performance.now()
    await run()
    times.get(name)?.push(performance.now() - begun)
    execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', raw, target])
  }
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[2] ?? 0
const base = median(times.get('qemu-img convert') ?? [])
for (const [name, values] of times)
  console.log(
    `${name.padEnd(22)} ${median(values).toFixed(0).padStart(6)} ms   throughput ${(base / median(values)).toFixed(2)}x of qemu-img's`,
  )
console.log(
  `peak resident memory of this process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB (goal 200 MB); every result identical by qemu-img compare`,
)
rmSync(directory, { recursive: true })
