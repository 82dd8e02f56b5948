import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process that has to do with a state directory. */
export interface FoundProcess {
  readonly pid: number
  /** The program's name, at most 15 letters (proc(5)). */
  readonly name: string
  readonly words: readonly string[]
  /** True if it was started for the state directory or works in it; false if it only names it, as a reader of its log does. */
  readonly isOfHome: boolean
  /** Ports of this machine's IPv4 and IPv6 on which it listens (TCP) or receives (UDP), in order. */
  readonly ports: readonly number[]
}

/** Every process but this one that names `home` in its words, its environment, its working directory or an open file. Zombies are gone. */
export function processesOf(home: string): readonly FoundProcess[] {
  const portOfSocket = listeningSockets()
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .flatMap((name) => describe(Number(name), home, portOfSocket) ?? [])
}

function describe(pid: number, home: string, portOfSocket: ReadonlyMap<string, number>): FoundProcess | undefined {
  const words = (read(`/proc/${pid}/cmdline`) ?? '').split('\0')
  const files = openFiles(pid)
  const environment = read(`/proc/${pid}/environ`) ?? ''
  const cwd = link(`/proc/${pid}/cwd`) ?? ''
  const isOfHome = environment.split('\0').includes(`WEIR_HOME=${home}`) || cwd.startsWith(`${home}/machines/`)
  const names = [...words, ...files, cwd, ...environment.split('\0')]
  const isOurs = names.some((text) => text.includes(home))
  if (!isOurs || !isAlive(pid)) return undefined
  const name = (read(`/proc/${pid}/comm`) ?? '').trim()
  const ports = files.flatMap((file) => portOfSocket.get(file) ?? [])
  return { pid, name, words, isOfHome, ports: ports.toSorted((a, b) => a - b) }
}

const isAlive = (pid: number): boolean => /^State:\t[^ZX]/mu.test(read(`/proc/${pid}/status`) ?? '')

function openFiles(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => link(`/proc/${pid}/fd/${fd}`) ?? [])
  } catch {
    return []
  }
}

/** Ports by the name that /proc gives to an open socket. States: 0A listens (TCP), 07 is open (UDP). */
function listeningSockets(): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [table, state] of [
    ['tcp', '0A'],
    ['tcp6', '0A'],
    ['udp', '07'],
    ['udp6', '07'],
  ] as const) {
    for (const line of (read(`/proc/net/${table}`) ?? '').split('\n').slice(1)) {
      const [, local = '', , now, , , , , , inode = ''] = line.trim().split(/\s+/u)
      if (now === state) found.set(`socket:[${inode}]`, Number.parseInt(local.split(':')[1] ?? '', 16))
    }
  }
  return found
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

function link(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
