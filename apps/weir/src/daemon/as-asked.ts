import { node } from '@weir/api'
import { WeirError } from '@weir/base'
import { createClient } from '@weir/client'
import { createHttpsTransport } from '../cli/https-transport.ts'
import { loadConnection } from '../cli/kubeconfig.ts'

/** What `weir up` was told of a data center that turned out to run already. */
interface Asked {
  readonly hosts?: number
  readonly port?: number
}

/** Checks that the running data center is what was asked for. @throws UP_ALREADY_RUNNING with the way to change it. */
export async function assertAsAsked({ hosts, port }: Asked, kubeconfig: string): Promise<void> {
  const connection = loadConnection({ kubeconfig }, {})
  const here = Number(new URL(connection.server).port)
  if (port !== undefined && port !== 0 && port !== here) throw different(`serves port ${here}`, `--port ${port}`)
  if (hosts === undefined) return
  const transport = createHttpsTransport(connection)
  try {
    const count = (await createClient(transport).list(node)).items.length
    if (count !== hosts) throw different(`has ${count} host${count === 1 ? '' : 's'}`, `--hosts ${hosts}`)
  } finally {
    transport.close()
  }
}

const different = (fact: string, flag: string): WeirError =>
  new WeirError(
    'UP_ALREADY_RUNNING',
    `the data center runs already and ${fact}; to change that, stop it and start it again (guests run on): weir down --keep-guests && weir up ${flag}`,
  )
