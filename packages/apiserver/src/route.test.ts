import { expect, it } from 'vitest'
import { parseResourcePath } from './route.ts'

const nothing = { namespace: undefined, name: undefined, subresource: undefined, tail: '' }

it.each([
  ['/api/v1/nodes', { group: '', version: 'v1', resource: 'nodes' }],
  ['/api/v1/nodes/a', { group: '', version: 'v1', resource: 'nodes', name: 'a' }],
  ['/api/v1/nodes/a/status', { group: '', version: 'v1', resource: 'nodes', name: 'a', subresource: 'status' }],
  ['/api/v1/namespaces', { group: '', version: 'v1', resource: 'namespaces' }],
  ['/api/v1/namespaces/x', { group: '', version: 'v1', resource: 'namespaces', name: 'x' }],
  ['/api/v1/namespaces/x/status', { group: '', version: 'v1', resource: 'namespaces', name: 'x', subresource: 'status' }],
  ['/api/v1/namespaces/x/finalize', { group: '', version: 'v1', resource: 'namespaces', name: 'x', subresource: 'finalize' }],
  ['/api/v1/namespaces/x/pods', { group: '', version: 'v1', resource: 'pods', namespace: 'x' }],
  [
    '/api/v1/namespaces/x/pods/p/log',
    { group: '', version: 'v1', resource: 'pods', namespace: 'x', name: 'p', subresource: 'log' },
  ],
  ['/apis/kubevirt.io/v1/vms', { group: 'kubevirt.io', version: 'v1', resource: 'vms' }],
  ['/apis/g.io/v1/namespaces/x/status/a', { group: 'g.io', version: 'v1', resource: 'status', namespace: 'x', name: 'a' }],
  [
    '/apis/g.io/v1/namespaces/x/vms/a/portforward/80/tcp',
    { group: 'g.io', version: 'v1', resource: 'vms', namespace: 'x', name: 'a', subresource: 'portforward', tail: '80/tcp' },
  ],
  ['/api/v1/nodes/a%3Ab', { group: '', version: 'v1', resource: 'nodes', name: 'a:b' }],
])('reads %s', (path, expected) => {
  expect(parseResourcePath(path)).toEqual({ ...nothing, ...expected })
})

it.each([
  '/',
  '/api',
  '/api/v1',
  '/apis',
  '/apis/g.io',
  '/apis/g.io/v1',
  '/other/v1/nodes',
  '/api/v1/nodes/',
  '/api//nodes',
  '/apis//v1/nodes',
  '/api/v1/nodes/..',
  '/api/v1/nodes/.',
  '/api/v1/nodes/%2e%2e',
  '/api/v1/nodes/a%2Fb',
  '/api/v1/nodes/%zz',
  '/api/v1/nodes/%',
])('does not take %s for a resource', (path) => {
  expect(parseResourcePath(path)).toBeUndefined()
})
