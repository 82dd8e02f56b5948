import { describe, expect, it } from 'vitest'
import { patiently } from './patiently.ts'

const never = new AbortController().signal
const bytes = Uint8Array.of(1, 2, 3)

async function* thenSilence(): AsyncGenerator<Uint8Array> {
  yield bytes
  await new Promise(() => {})
}

async function* twice(): AsyncGenerator<Uint8Array> {
  yield bytes
  yield bytes
}

const read = async (chunks: AsyncIterable<Uint8Array>, onChunk: () => void = () => {}): Promise<number> => {
  let count = 0
  for await (const chunk of chunks) {
    count += chunk.length
    onChunk()
  }
  return count
}

describe('a body', () => {
  it('passes whole, however slow its reader is', async () => {
    let passed = 0
    for await (const chunk of patiently(twice(), { idleMillis: 20, signal: never })) {
      await new Promise((resolve) => {
        setTimeout(resolve, 40)
      })
      passed += chunk.length
    }
    expect(passed).toBe(6)
  })

  it('is given up when its sender is silent', async () => {
    await expect(read(patiently(thenSilence(), { idleMillis: 20, signal: never }))).rejects.toMatchObject({
      code: 'IMAGE_SOURCE',
      message: 'nothing came for 0.02 s; send it again',
    })
  })

  it('is let go at once when it is called off', async () => {
    const abort = new AbortController()
    const reading = read(patiently(thenSilence(), { idleMillis: 60_000, signal: abort.signal }), () =>
      abort.abort(new Error('called off')),
    )
    await expect(reading).rejects.toThrow('called off')
    await expect(read(patiently(twice(), { idleMillis: 60_000, signal: abort.signal }))).rejects.toThrow('called off')
  })

  it('ends its sender when its reader has enough, and fails as its sender does', async () => {
    let ended = false
    const source = async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield bytes
        yield bytes
      } finally {
        ended = true
      }
    }
    for await (const chunk of patiently(source(), { idleMillis: 1000, signal: never })) {
      expect(chunk).toBe(bytes)
      break
    }
    expect(ended).toBe(true)
    const failing = async function* failing(): AsyncGenerator<Uint8Array> {
      yield bytes
      throw new Error('reset')
    }
    await expect(read(patiently(failing(), { idleMillis: 1000, signal: never }))).rejects.toThrow('reset')
  })
})
