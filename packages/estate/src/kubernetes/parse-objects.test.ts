import { describe, expect, it } from 'vitest'
import { parseKubernetesObjects } from './parse-objects.ts'

describe('of an object of a cluster', () => {
  it('is kept what conclusions need, and nothing in which a password may lie', () => {
    const pods = parseKubernetesObjects('pods', [
      {
        apiVersion: 'v1',
        metadata: {
          name: 'web',
          namespace: 'shop',
          labels: { app: 'web' },
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'password' },
          managedFields: [{ manager: 'password' }],
        },
        spec: {
          nodeName: 'n1',
          volumes: [{ secret: { secretName: 'password' } }],
          containers: [
            {
              name: 'main',
              command: ['run', '--password'],
              env: [{ name: 'A', value: 'password' }],
              resources: { requests: { cpu: '1' }, claims: [{ name: 'password' }] },
            },
          ],
        },
        status: { phase: 'Running', message: 'password' },
      },
    ])
    expect(pods).toEqual([
      {
        metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
        spec: { nodeName: 'n1', containers: [{ name: 'main', resources: { requests: { cpu: '1' } } }] },
        status: { phase: 'Running' },
      },
    ])
    const seed = { name: 'seed', cloudInitNoCloud: { userData: 'password' } }
    const machine = {
      metadata: { name: 'db' },
      spec: { template: { spec: { domain: { devices: { tpm: {} } }, volumes: [seed] } } },
    }
    expect(parseKubernetesObjects('virtualMachines', [machine])).toEqual([
      { metadata: { name: 'db' }, spec: { template: { spec: { domain: { devices: { tpm: {} } } } } } },
    ])
  })

  it('whose fields are of other types than they should be is left what can be read', () => {
    const polluted: unknown = JSON.parse('{"__proto__": {"a": 1}, "metadata": {"name": "x", "__proto__": {"b": 1}}}')
    const values = [null, 7, 'text', [], { metadata: [], spec: 'none' }, { spec: { containers: { name: 'x' } } }, polluted]
    expect(parseKubernetesObjects('pods', values)).toEqual([{}, {}, {}, {}, {}, { spec: {} }, { metadata: { name: 'x' } }])
    expect(({} as { readonly a?: number }).a).toBeUndefined()
  })
})
