/** Clients in a process of their own: does each run that it is told of and sends its figures. */
import { type Figures, measurePuts } from '../store/measure.ts'
import { connectPutClient } from '../store/put-client.ts'
import { type Access, openConnection } from './https-client.ts'

/** What the clients do: creates of ConfigMaps of 1 KB over HTTPS, a connection each, or puts into etcd over `connections`. */
export type Run = { readonly clients: number; readonly millis: number } & (
  | { readonly kind: 'Creates'; readonly access: Access }
  | { readonly kind: 'Puts'; readonly port: number; readonly connections: number }
)

async function perform(run: Run): Promise<Figures> {
  const { clients, millis } = run
  if (run.kind === 'Puts') {
    const client = await connectPutClient(run.port, run.connections)
    const figures = await measurePuts((writer, key, value) => client.put(writer, key, value), clients, millis)
    client.close()
    return figures
  }
  const connections = await Promise.all(Array.from({ length: clients }, () => openConnection(run.access)))
  const create = async (writer: number, key: string, value: string): Promise<void> => {
    const name = key.slice(1).replaceAll('/', '-')
    const body = `{"metadata":{"name":"${name}"},"data":{"value":"${value.slice(0, 1024 - 44 - name.length)}"}}`
    const answer = await connections[writer]?.ask('POST', '/api/v1/namespaces/default/configmaps', body)
    if (answer?.code !== 201) throw new Error(`a create was answered ${answer?.code}: ${answer?.body.toString()}`)
  }
  const figures = await measurePuts(create, clients, millis)
  for (const connection of connections) connection.close()
  return figures
}

process.on('message', (run: Run) => {
  void perform(run).then((figures) => process.send?.(figures))
})
