/** Watchers in a process of their own, a connection each: keep the revisions that each is told, and compare them in the end. */
import { type Access, openConnection, requestText } from './https-client.ts'

/** What this process is told to do. */
export type Told =
  | {
      readonly kind: 'Watch'
      readonly access: Access
      readonly watchers: number
      readonly events: number
      readonly namespace: string
    }
  | { readonly kind: 'Check'; readonly revisions: readonly number[] }

/** How many watchers were told every event, and how many of these in order. */
export interface WatchersReport {
  readonly complete: number
  readonly inOrder: number
}

interface Watcher {
  readonly seen: Uint32Array
  count: number
}

const mark = '"resourceVersion":"'
let watchers: readonly Watcher[] = []
let onComplete = (): void => {}

/** Opens a watch of what is written from now on; resolves when the server has begun to answer. */
async function open({ access, events, namespace }: Extract<Told, { kind: 'Watch' }>): Promise<Watcher> {
  const { socket } = await openConnection(access)
  const watcher: Watcher = { seen: new Uint32Array(events), count: 0 }
  const begun = Promise.withResolvers<void>()
  let rest = ''
  socket.removeAllListeners('data')
  socket.on('data', (chunk: Buffer) => {
    begun.resolve()
    const text = rest + chunk.toString('latin1')
    let end = 0
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, end)) {
      const close = text.indexOf('"', at + mark.length)
      if (close < 0) break
      watcher.seen[watcher.count++] = Number(text.slice(at + mark.length, close))
      end = close
      if (watcher.count === events) onComplete()
    }
    rest = text.slice(Math.max(end, text.lastIndexOf('"resourceV'), text.length - mark.length))
  })
  const query = 'watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0'
  socket.write(requestText('GET', `/api/v1/namespaces/${namespace}/configmaps?${query}`))
  await begun.promise
  return watcher
}

async function openAll(told: Extract<Told, { kind: 'Watch' }>): Promise<void> {
  const opened: Watcher[] = []
  while (opened.length < told.watchers) opened.push(...(await Promise.all(Array.from({ length: 50 }, () => open(told)))))
  watchers = opened
  process.send?.('watching')
}

async function check(revisions: readonly number[]): Promise<void> {
  const isComplete = ({ count }: Watcher): boolean => count >= revisions.length
  await new Promise<void>((resolve) => {
    onComplete = () => {
      if (watchers.every(isComplete)) resolve()
    }
    onComplete()
    setTimeout(resolve, 120_000).unref()
  })
  const complete = watchers.filter(isComplete)
  const inOrder = complete.filter(({ seen }) => revisions.every((revision, index) => seen[index] === revision))
  process.send?.({ complete: complete.length, inOrder: inOrder.length } satisfies WatchersReport)
}

process.on('message', (told: Told) => {
  if (told.kind === 'Watch') void openAll(told)
  else void check(told.revisions)
})
