import type { VirtualMachineInstance } from '@weir/api'
import { createCache } from '@weir/client'
import { expect, it } from 'vitest'
import { createPortPool, findFreePort, forwardsOf } from './ports.ts'

const anInstance = (
  uid: string,
  ports: readonly number[],
  more: Partial<VirtualMachineInstance> = {},
): VirtualMachineInstance => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: uid, namespace: 'default', uid, resourceVersion: '1' },
  spec: { domain: { devices: { interfaces: [{ name: 'net', ports: ports.map((port) => ({ port })) }] } } },
  ...more,
})
/** Gives ports from a short circle: whoever does not look gets one twice. */
function circle(): () => Promise<number> {
  let last = 0
  return async () => 1000 + (last = (last + 1) % 4)
}
const portsOf = (interfaces: Awaited<ReturnType<ReturnType<typeof createPortPool>['allocate']>>) =>
  interfaces.flatMap(({ ports = [] }) => ports.map(({ hostPort }) => hostPort))

it('gives each port once, to any who ask at the same time', async () => {
  const pool = createPortPool(createCache<VirtualMachineInstance>(), circle())
  const given = await Promise.all(
    [anInstance('a', [22]), anInstance('b', [22]), anInstance('c', [22, 80])].map((each) => pool.allocate(each)),
  )
  expect(new Set(given.flatMap(portsOf)).size).toBe(4)
})

it('answers the same when it is asked again, before and after the answer is kept', async () => {
  const pool = createPortPool(createCache<VirtualMachineInstance>(), circle())
  const first = await pool.allocate(anInstance('a', [22, 80]))
  expect(await pool.allocate(anInstance('a', [22, 80]))).toEqual(first)
  expect(await pool.allocate(anInstance('a', [22, 80], { status: { interfaces: first } }))).toEqual(first)
})

it('knows what was given before it, and takes back what is gone', async () => {
  const cache = createCache<VirtualMachineInstance>()
  const status = (hostPort: number) => ({
    status: { interfaces: [{ name: 'net', ports: [{ port: 22, protocol: 'TCP', hostPort }] }] },
  })
  for (const [index, uid] of ['a', 'b', 'c'].entries()) cache.put(anInstance(uid, [22], status(1001 + index)))
  const pool = createPortPool(cache, circle())
  expect(portsOf(await pool.allocate(anInstance('d', [22])))).toEqual([1000])
  cache.remove(anInstance('b', [22]))
  expect(portsOf(await pool.allocate(anInstance('e', [22])))).toEqual([1002])
})

it('tells TCP from UDP', async () => {
  const pool = createPortPool(createCache<VirtualMachineInstance>(), circle())
  const instance = anInstance('a', [])
  const interfaces = [{ name: 'net', ports: [{ port: 53 }, { port: 53, protocol: 'UDP', name: 'dns' }] }]
  const given = await pool.allocate({ ...instance, spec: { domain: { devices: { interfaces } } } })
  expect(forwardsOf(given).get('net')).toEqual([
    { protocol: 'tcp', hostPort: 1001, guestPort: 53 },
    { protocol: 'udp', hostPort: 1002, guestPort: 53 },
  ])
})

it('finds ports that are free', async () => {
  expect(await findFreePort()).toBeGreaterThan(0)
})
