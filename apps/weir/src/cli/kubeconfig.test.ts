import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { kubeconfigPath, loadConnection, parseKubeconfig } from './kubeconfig.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weir-kubeconfig-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const config = `
apiVersion: v1
kind: Config
current-context: home
contexts:
- { name: home, context: { cluster: c1, user: u1 } }
- { name: away, context: { cluster: c2, user: u2, namespace: team } }
clusters:
- { name: c1, cluster: { server: 'https://127.0.0.1:6443/', certificate-authority-data: ${base64('CA')} } }
- { name: c2, cluster: { server: 'https://far.example', certificate-authority: ca.pem, tls-server-name: api } }
users:
- { name: u1, user: { client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')} } }
- { name: u2, user: { token: secret } }
`

it('reads the current context with its certificates', () => {
  expect(parseKubeconfig(config, { path: '/x' })).toEqual({
    path: '/x',
    context: 'home',
    server: 'https://127.0.0.1:6443',
    namespace: 'default',
    skipTlsVerify: false,
    certificateAuthority: 'CA',
    clientCertificate: 'CERT',
    clientKey: 'KEY',
  })
})

it('reads the context asked for, with files relative to the kubeconfig', () => {
  writeFileSync(join(folder, 'ca.pem'), 'CA2')
  writeFileSync(join(folder, 'config'), config)
  expect(loadConnection({ kubeconfig: join(folder, 'config'), context: 'away' }, {})).toMatchObject({
    server: 'https://far.example',
    namespace: 'team',
    certificateAuthority: 'CA2',
    tlsServerName: 'api',
    token: 'secret',
  })
})

it.each([
  ['an unknown context', config, 'nowhere', /has no context 'nowhere'; it has: home, away/],
  ['no current context', 'contexts: []', undefined, /names no current-context/],
  ['a missing file', config, 'away', /certificate-authority that cannot be read/],
  ['broken YAML', '{', undefined, /neither YAML nor JSON/],
  ['an empty file', '', undefined, /empty or no mapping|neither YAML/],
])('says what is wrong with %s', (_name, text, context, message) => {
  expect(() => parseKubeconfig(text, { path: join(folder, 'k'), ...(context === undefined ? {} : { context }) })).toThrow(message)
})

it('looks at the flag, then $KUBECONFIG, then the state directory', () => {
  expect(kubeconfigPath({ kubeconfig: '/a' }, { KUBECONFIG: '/b' })).toBe('/a')
  expect(kubeconfigPath({}, { KUBECONFIG: ':/b:/c', WEIR_HOME: '/w' })).toBe('/b')
  expect(kubeconfigPath({}, { WEIR_HOME: '/w' })).toBe('/w/kubeconfig')
})

it('a missing kubeconfig means that nothing is up', () => {
  expect(() => loadConnection({}, { WEIR_HOME: folder })).toThrow(expect.objectContaining({ code: 'CLIENT_UNREACHABLE' }))
})
