import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { WeirError } from '@weir/base'

/**
 * Makes this process the only one that works on `directory`, until it ends in whatever way; returns the release.
 * It holds a name in Linux's abstract socket namespace (unix(7)), so that no stale lock is possible.
 * @throws UP_ALREADY_RUNNING if another process holds it.
 */
export async function holdExclusively(directory: string): Promise<() => void> {
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new WeirError('UP_ALREADY_RUNNING', `a data center already runs on ${directory}; see: weir status`, { cause })),
    )
    server.listen(`\0weir-${name}`, resolve)
  })
  server.unref()
  return () => server.close()
}
