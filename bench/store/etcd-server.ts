import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** A server under test: where it listens, and what ends it. */
export interface Server {
  readonly port: number
  stop(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts Debian's etcd with its defaults (fsync on) on loopback, its data in `directory`; resolves when it is healthy. */
export async function startEtcd(directory: string): Promise<Server> {
  const port = await freePort()
  const client = `http://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${await freePort()}`
  const flags = {
    'data-dir': join(directory, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `default=${peer}`,
    logger: 'zap',
    'log-level': 'error',
  }
  const etcd = spawn(
    '/usr/bin/etcd',
    Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
    { stdio: 'ignore' },
  )
  const exit = once(etcd, 'exit')
  const stop = async (): Promise<void> => {
    etcd.kill()
    await exit
  }
  for (let attempt = 0; attempt < 100; attempt++) {
    const health = await fetch(`${client}/health`).then(
      (response) => response.text(),
      () => '',
    )
    if (health.includes('true')) return { port, stop }
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
  await stop()
  throw new Error('etcd did not become healthy in 5 s')
}
