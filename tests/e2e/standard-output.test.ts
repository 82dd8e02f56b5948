import { spawn } from 'node:child_process'
import { existsSync, openSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { main } from './data-center/weir-home.ts'

/** What the command does when nobody takes what it has to say. */
const workloads = Array.from({ length: 3000 }, (_, index) => ({ name: `vm-${index}`, requests: { memory: 1 } }))
const problem = JSON.stringify({
  apiVersion: 'weir.dev/v1alpha1',
  kind: 'PlacementProblem',
  resources: [{ name: 'memory', unit: 'MiB' }],
  hostTypes: [{ name: 'a', capacity: { memory: 100 } }],
  workloads,
  policy: { budget: { iterations: 1 } },
})

type Out = number | 'closed'

const run = (out: Out): Promise<{ readonly code: number | null; readonly err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [main, 'plan', '--problem', '-', '-o', 'json'], {
      stdio: ['pipe', out === 'closed' ? 'pipe' : out, 'pipe'],
    })
    let err = ''
    child.stdout?.destroy()
    child.stderr?.setEncoding('utf8').on('data', (part: string) => (err += part))
    child.on('close', (code) => resolve({ code, err }))
    child.stdin?.end(problem)
  })

describe('standard output', () => {
  it('may be closed by a reader that has seen enough', async () => {
    expect(await run('closed')).toEqual({ code: 0, err: '' })
  })

  it.skipIf(!existsSync('/dev/full'))('may be a full disk, which is told in a sentence', async () => {
    const { code, err } = await run(openSync('/dev/full', 'w'))
    expect(code).toBe(1)
    expect(err).toMatch(/^error: The output could not be written, what is there is not whole: ENOSPC[^\n]*\n$/u)
  })
})
