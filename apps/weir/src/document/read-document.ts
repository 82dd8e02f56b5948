import { readFile, stat } from 'node:fs/promises'
import { type ErrorCode, isWeirError, WeirError } from '@weir/base'

/** Which errors tell what is wrong with a file, and how large it may be. */
interface DocumentRules {
  readonly code: ErrorCode
  readonly bytesMax: number
}

/**
 * The JSON or YAML document in `file`, or on standard input for `-`; unchecked. YAML is read only from files of 16 MiB or less.
 * @throws `code` with the file's name and the reason if it cannot be read, is too large, or is neither.
 */
export async function readDocument(file: string, { code, bytesMax }: DocumentRules): Promise<unknown> {
  try {
    const text = file === '-' ? await readInput(bytesMax) : await readText(file, bytesMax)
    if (/^\s*[[{]/u.test(text.slice(0, 1000))) return JSON.parse(text) as unknown
    if (text.length > yamlBytesMax) throw new Error(`YAML of more than ${yamlBytesMax} bytes is not read; use JSON`)
    const { load } = await import('js-yaml')
    return load(text)
  } catch (error) {
    if (isWeirError(error)) throw error
    const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0]
    throw new WeirError(code, `'${file}' cannot be read: ${reason}`, { cause: error })
  }
}

const yamlBytesMax = 16 * 2 ** 20

async function readText(file: string, bytesMax: number): Promise<string> {
  const { size } = await stat(file)
  if (size > bytesMax) throw new Error(`it has ${size} bytes; ${bytesMax} are allowed`)
  return await readFile(file, 'utf8')
}

async function readInput(bytesMax: number): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    size += part.length
    if (size > bytesMax) throw new Error(`more than ${bytesMax} bytes came`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
