import type { KeyPair } from './certificates.ts'
import { writePrivateFile } from './private-file.ts'

/** How to reach an API server, and as whom. */
export interface Access {
  readonly server: string
  readonly caPem: string
  readonly client: KeyPair
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** Writes a kubeconfig of one context named `weir` (JSON, which is YAML too), 0600. */
export function writeKubeconfig(file: string, { server, caPem, client }: Access): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'weir', cluster: { server, 'certificate-authority-data': base64(caPem) } }],
    users: [
      { name: 'admin', user: { 'client-certificate-data': base64(client.certPem), 'client-key-data': base64(client.keyPem) } },
    ],
    contexts: [{ name: 'weir', context: { cluster: 'weir', user: 'admin', namespace: 'default' } }],
    'current-context': 'weir',
  }
  writePrivateFile(file, `${JSON.stringify(config, undefined, 2)}\n`)
}
