import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { boundToUs } from './bound-tool.ts'

const run = (...words: readonly string[]) => {
  const [command, ...rest] = boundToUs(words)
  return spawnSync(command, rest, { encoding: 'utf8' })
}

/** True while process `pid` runs `name`; a zombie does not. */
const runs = (pid: number, name: string): boolean => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return status.startsWith(`Name:\t${name}\n`) && !/^State:\tZ/mu.test(status)
  } catch {
    return false
  }
}

it('runs a tool with its words, output and exit code', () => {
  expect(run('printf', '%s|', 'a b', '$x')).toMatchObject({ status: 0, stdout: 'a b|$x|' })
  expect(run('sh', '-c', 'exit 7')).toMatchObject({ status: 7 })
  expect(run('sh', '-c', 'kill -ABRT $$')).toMatchObject({ signal: 'SIGABRT' })
  expect(run('no-such-tool')).toMatchObject({ status: 127 })
})

it('ends the tool when its starter is killed', async () => {
  const source = `
    import { spawn } from 'node:child_process'
    import { boundToUs } from '${new URL('bound-tool.ts', import.meta.url).href}'
    const [command, ...rest] = boundToUs(['sleep', '600'])
    console.log(spawn(command, rest, { stdio: 'ignore', detached: true }).pid)
    setInterval(() => {}, 1000)`
  const starter = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(starter.stdout, 'data')) as [Buffer]
  const tool = Number(line.toString())
  await expect.poll(() => runs(tool, 'sleep')).toBe(true)
  starter.kill('SIGKILL')
  await expect.poll(() => runs(tool, 'sleep')).toBe(false)
})

it('does not begin when its starter is gone already', () => {
  const [command, ...rest] = boundToUs(['echo', 'began'])
  const words = rest.map((word) => (word === String(process.pid) ? '1' : word))
  expect(spawnSync(command, words, { encoding: 'utf8' }).stdout).toBe('')
})
