import type { Client, Transport } from '@weir/client'
import type { Connection, KubeconfigChoice } from './kubeconfig.ts'

/** Where a command writes: data to `out`, everything else to `err`. */
export interface Io {
  out(text: string): void
  err(text: string): void
  /** True if `err` is a terminal that can redraw a line. */
  readonly isTerminal: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** The flags that every command takes. */
export interface GlobalOptions extends KubeconfigChoice {
  readonly namespace?: string
}

/** One command's way to the API. `signal` aborts on Ctrl-C. */
export interface Session {
  readonly connection: Connection
  readonly transport: Transport
  readonly client: Client
  readonly namespace: string
  readonly signal: AbortSignal
  readonly io: Io
}

/** The process's own streams. */
export function processIo(): Io {
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
    environment: process.env,
  }
}

/** A session and how to end it; heavy modules are loaded only now. @throws as `loadConnection`. */
export async function openSession(
  options: GlobalOptions,
  { io, signal }: { readonly io: Io; readonly signal: AbortSignal },
): Promise<{ readonly session: Session; readonly close: () => void }> {
  const [{ loadConnection }, { createHttpsTransport }, { createClient }] = await Promise.all([
    import('./kubeconfig.ts'),
    import('./https-transport.ts'),
    import('@weir/client'),
  ])
  const connection = loadConnection(options, io.environment)
  const transport = createHttpsTransport(connection)
  const namespace = options.namespace ?? connection.namespace
  const session = { connection, transport, client: createClient(transport), namespace, signal, io }
  return {
    session,
    close: () => {
      transport.close()
    },
  }
}
