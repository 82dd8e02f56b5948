import { spawn } from 'node:child_process'
import { WeirError } from '@weir/base'
import { boundToUs } from '@weir/images'

/** The container formats of a disk image that are accepted. */
export type ImageFormat = 'raw' | 'qcow2' | 'vmdk'

/** What `qemu-img info` says of an image. Sizes in bytes. */
export interface ImageInfo {
  readonly format: string
  readonly virtualSizeBytes: number
  readonly backingFile?: string
  readonly dataFile?: string
  /** Files that hold the image's extents (VMDK). */
  readonly extentFiles: readonly string[]
}

/** Limits of one run of qemu-img. */
interface ToolLimits {
  readonly timeoutMillis: number
  readonly memoryBytes: number
}

const quick: ToolLimits = { timeoutMillis: 30_000, memoryBytes: 1 << 30 }
const long: ToolLimits = { timeoutMillis: 12 * 3_600_000, memoryBytes: 2 ** 31 }

interface RunOptions {
  readonly signal?: AbortSignal
  readonly limits?: ToolLimits
  readonly onOutput?: (text: string) => void
  /** Exit codes that are no failure. */
  readonly fineCodes?: readonly number[]
}

/**
 * Runs qemu-img with its words untouched, under a time limit and an address-space limit, and never longer than this process
 * lives; resolves with its standard output.
 * @throws VOLUME_TOOL_FAILED with its last words, or the reason of `signal`.
 */
async function runQemuImg(
  args: readonly string[],
  { signal, limits = quick, onOutput, fineCodes = [0] }: RunOptions = {},
): Promise<string> {
  signal?.throwIfAborted()
  const deadline = AbortSignal.timeout(limits.timeoutMillis)
  const [command, ...words] = boundToUs(['prlimit', `--as=${limits.memoryBytes}`, '--core=0', 'qemu-img', ...args])
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
    killSignal: 'SIGKILL',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
  })
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-1_000_000)
    onOutput?.(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-2000)))
  const code = await new Promise<number | string>((resolve) => {
    let failure: string | undefined
    child.on('error', (error) => (child.pid === undefined ? resolve(error.message) : (failure = error.message)))
    child.on('close', (code, killed) => resolve(code ?? failure ?? killed ?? 'no exit code'))
  })
  signal?.throwIfAborted()
  if (typeof code === 'number' && fineCodes.includes(code)) return output
  const why = deadline.aborted ? `took longer than ${limits.timeoutMillis / 1000} s` : complaints.trim() || `ended with ${code}`
  throw new WeirError('VOLUME_TOOL_FAILED', `qemu-img ${args[0] ?? ''}: ${why}`)
}

/** Reads an image's header as `format`, never guessing it; opens no other file for raw and qcow2. */
export async function readImageInfo(path: string, format: ImageFormat, signal?: AbortSignal): Promise<ImageInfo> {
  const text = await runQemuImg(['info', '-U', '-f', format, '--output=json', path], { ...(signal && { signal }) })
  return toImageInfo(JSON.parse(text))
}

/** Exit codes of `qemu-img check`: 2 for corruption, 3 for clusters that are merely lost. */
const checkCodes = [0, 2, 3]

/**
 * How many references of an image's tables are wrong, among them those past the end of a file that was cut off: qemu-img would
 * convert them to zeros without a word. @throws VOLUME_TOOL_FAILED
 */
export async function countCorruptions(path: string, format: ImageFormat, signal?: AbortSignal): Promise<number> {
  const args = ['check', '-U', '-f', format, '--output=json', path]
  const text = await runQemuImg(args, {
    limits: { ...long, memoryBytes: quick.memoryBytes },
    fineCodes: checkCodes,
    ...(signal && { signal }),
  })
  const found = JSON.parse(text) as { readonly corruptions?: number; readonly 'check-errors'?: number }
  return (found.corruptions ?? 0) + (found['check-errors'] ?? 0)
}

/** The fields we read from `qemu-img info --output=json` (QEMU `ImageInfo`). */
interface RawInfo {
  readonly format: string
  readonly 'virtual-size': number
  readonly 'backing-filename'?: string
  readonly 'full-backing-filename'?: string
  readonly 'format-specific'?: {
    readonly data?: { readonly 'data-file'?: string; readonly extents?: readonly { readonly filename?: string }[] }
  }
}

function toImageInfo(value: unknown): ImageInfo {
  const raw = value as RawInfo
  const backingFile = raw['backing-filename'] ?? raw['full-backing-filename']
  const data = raw['format-specific']?.data
  return {
    format: raw.format,
    virtualSizeBytes: raw['virtual-size'],
    ...(backingFile !== undefined && { backingFile }),
    ...(data?.['data-file'] !== undefined && { dataFile: data['data-file'] }),
    extentFiles: (data?.extents ?? []).flatMap(({ filename }) => filename ?? []),
  }
}

/** Writes the content of `source` as a sparse raw image to `target`. `onProgress` gets 0 to 100. Never follows a backing file. */
export async function convertToRaw(
  source: { readonly path: string; readonly format: ImageFormat },
  target: string,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (percent: number) => void } = {},
): Promise<void> {
  const backing = source.format === 'raw' ? {} : { backing: null }
  const node = { driver: source.format, file: { driver: 'file', filename: source.path }, ...backing }
  await runQemuImg(
    ['convert', '-p', '-t', 'none', '-T', 'none', '-S', '64k', '-O', 'raw', `json:${JSON.stringify(node)}`, target],
    {
      ...(signal && { signal }),
      limits: long,
      onOutput: (text) => {
        const percent = text.match(/\((\d+\.\d+)\/100%\)/u)?.[1]
        if (percent !== undefined) onProgress?.(Number(percent))
      },
    },
  )
}

/** Creates a qcow2 image of `sizeBytes` over `backing`, whose path is relative to `path`'s folder and is not opened. */
export async function createOverlay(
  path: string,
  backing: { readonly path: string; readonly format: 'raw' | 'qcow2' },
  sizeBytes: number,
): Promise<void> {
  await runQemuImg(['create', '-q', '-u', '-f', 'qcow2', '-F', backing.format, '-b', backing.path, path, String(sizeBytes)])
}

/** Grows a qcow2 image. */
export async function growQcow2(path: string, sizeBytes: number): Promise<void> {
  await runQemuImg(['resize', '-q', '-f', 'qcow2', path, String(sizeBytes)])
}
