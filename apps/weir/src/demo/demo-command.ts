import { mkdirSync } from 'node:fs'
import { node, virtualMachine, virtualMachineInstance } from '@weir/api'
import { isWeirError, WeirError } from '@weir/base'
import { openConsole } from '../cli/console-stream.ts'
import { importAppliance } from '../cli/import/import-appliance.ts'
import { createImportProgress } from '../cli/import/progress.ts'
import { pause } from '../cli/pause.ts'
import { openSession, processIo, type Session } from '../cli/session.ts'
import { show } from '../cli/show.ts'
import { up } from '../daemon/up-command.ts'
import { createStateDirectory, stateDirectory } from '../daemon/state-directory.ts'
import { applianceTools, engineTools, ensureHostPackages } from '../host-packages/host-packages.ts'

export interface DemoOptions {
  readonly file?: string
  readonly install: boolean
}

const bootMillis = 150_000
/** What guests print when they are up: our appliance's whole line, or the prompt of any Unix. */
const upPattern = /WEIR-GUEST-READY [^\r\n]*(?=[\r\n])|[^\r\n]*login: ?$/mu

/** The main job in one command: a data center, an appliance from VMware in it, running; every step is told. */
export async function runDemo({ file, install }: DemoOptions): Promise<void> {
  const io = processIo()
  const say = (line: string): void => io.err(`${line}\n`)
  const begun = performance.now()
  const directory = stateDirectory()
  await ensureHostPackages(file === undefined ? [...engineTools, ...applianceTools] : engineTools, { install, say })
  say(`1/4  Data center ${(await up({ install }, say)) ? 'started' : 'already runs'} in ${directory.root}`)
  createStateDirectory(directory)
  mkdirSync(directory.cache, { recursive: true })
  say(`2/4  Appliance: ${file ?? 'a small Linux, built from Debian packages'}`)
  const ova = file ?? (await buildAppliance(directory.cache, (line) => say(`     ${line}`)))
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new WeirError('CLI_CANCELLED', 'the demo was stopped; `weir demo` begins it again')))
  const { session, close } = await openSession({ kubeconfig: directory.kubeconfig }, { io, signal: abort.signal })
  try {
    const name = await freeName(session)
    say('3/4  Importing it')
    await importAppliance(session, ova, {
      name,
      networkMap: new Map(),
      start: true,
      compatibility: false,
      onEvent: createImportProgress({ write: (text) => io.err(text), isTerminal: io.isTerminal, now: () => performance.now() }),
    })
    say('4/4  Waiting for the guest to say on its serial console that it is up')
    say(`     ${await waitForGuest(session, name)}`)
    await showTables(session)
    say(`\nUp after ${((performance.now() - begun) / 1000).toFixed(0)} s. Try next:`)
    for (const line of nextSteps(name, directory.kubeconfig)) say(`  ${line}`)
  } finally {
    close()
  }
}

async function buildAppliance(cache: string, say: (line: string) => void): Promise<string> {
  const { ensureApplianceOva } = await import('../appliance/build-ova.ts')
  return ensureApplianceOva(cache, 'esxi', say)
}

/** `demo`, or the next number after it: a second demo is a second machine. */
async function freeName({ client, namespace }: Session): Promise<string> {
  const taken = new Set((await client.list(virtualMachine, { namespace })).items.map(({ metadata }) => metadata.name))
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'demo' : `demo-${number}`
    if (!taken.has(name)) return name
  }
}

/** The line by which the guest says that it is up. @throws CLI_TIMED_OUT with the last words of the console. */
async function waitForGuest(session: Session, name: string): Promise<string> {
  const deadline = performance.now() + bootMillis
  let text = ''
  while (performance.now() < deadline) {
    const stream = await openConsole(session, name).catch((error: unknown) => {
      if (isWeirError(error)) return undefined
      throw error
    })
    if (stream === undefined) {
      await pause(200, session.signal)
      continue
    }
    const hangUp = (): void => stream.close()
    session.signal.addEventListener('abort', hangUp, { once: true })
    const timer = setTimeout(hangUp, deadline - performance.now())
    try {
      for await (const bytes of stream.incoming) {
        text = (text + bytes.toString('utf8')).slice(-65_536)
        const found = upPattern.exec(text)
        if (found !== null) return found[0].trim()
      }
    } finally {
      clearTimeout(timer)
      session.signal.removeEventListener('abort', hangUp)
      stream.close()
    }
    session.signal.throwIfAborted()
  }
  throw new WeirError(
    'CLI_TIMED_OUT',
    `'${name}' did not say that it is up within ${bootMillis / 1000} s; its console ends: ${text.slice(-200).trim()}`,
  )
}

async function showTables(session: Session): Promise<void> {
  session.io.out('\n')
  await show(session, { kind: node, output: 'table' })
  session.io.out('\n')
  await show(session, { kind: virtualMachine, output: 'table' })
  session.io.out('\n')
  await show(session, { kind: virtualMachineInstance, output: 'table' })
}

const nextSteps = (name: string, kubeconfig: string): readonly string[] => [
  `./weir vm console ${name}            # its serial console; Ctrl-] leaves`,
  `./weir vm stop ${name} && ./weir vm list`,
  './weir import YOUR.ova --start',
  `export KUBECONFIG=${kubeconfig} && kubectl get vm,vmi,dv`,
  './weir down                       # powers off the guests, then stops',
]
