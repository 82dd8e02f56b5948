import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, WeirError } from '@weir/base'
import type { User } from '../request.ts'
import type { KeyPair, Subject } from './certificates.ts'
import { writePrivateFile } from './private-file.ts'

/** The certificates of one data center. */
export interface Pki {
  readonly caPem: string
  readonly server: KeyPair
  readonly admin: KeyPair
}

const renewMillis = 30 * 86_400_000
const admin: User = { name: 'admin', groups: ['system:masters'] }

/**
 * The certificates in `directory`: an authority made at the first start, a server's for this machine's loopback, a client's
 * for the administrator. Those that end within 30 days are made anew. Files are 0600.
 * @throws PKI_UNREADABLE if a file is there and cannot be used.
 */
export async function ensurePki(directory: string, clock: Clock): Promise<Pki> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const authority = await ensurePair({ directory, name: 'ca', clock }, async () =>
    (await certificates()).createAuthority('weir-ca', clock.now()),
  )
  const signed = async (name: string, subject: Subject): Promise<KeyPair> =>
    ensurePair({ directory, name, clock, signer: authority }, async () =>
      (await certificates()).signCertificate(authority, subject, clock.now()),
    )
  return {
    caPem: authority.certPem,
    server: await signed('server', { kind: 'Server', dnsNames: ['localhost'], addresses: ['127.0.0.1', '::1'] }),
    admin: await signed('admin', { kind: 'Client', user: admin.name, groups: admin.groups }),
  }
}

/** Loaded only when something must be made: it costs a quarter of a second. */
const certificates = async () => import('./certificates.ts')

interface Place {
  readonly directory: string
  readonly name: string
  readonly clock: Clock
  readonly signer?: KeyPair
}

/** The pair in one file, so that a crash cannot leave half of it. */
async function ensurePair({ directory, name, clock, signer }: Place, make: () => Promise<KeyPair>): Promise<KeyPair> {
  const file = join(directory, `${name}.pem`)
  const text = readIfThere(file)
  const pair = text === undefined ? undefined : parsePair(file, text)
  if (pair !== undefined && isGood(pair, signer, clock.now())) return pair
  const made = await make()
  writePrivateFile(file, `${made.certPem}${made.keyPem}`)
  return made
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new WeirError('PKI_UNREADABLE', `'${file}' cannot be read`, { cause })
  }
}

function parsePair(file: string, text: string): KeyPair {
  const certPem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/u.exec(text)?.[0]
  const keyPem = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n/u.exec(text)?.[0]
  if (certPem === undefined || keyPem === undefined) {
    throw new WeirError(
      'PKI_UNREADABLE',
      `'${file}' holds no certificate with its key; restore it, or remove the folder to get new certificates`,
    )
  }
  return { certPem, keyPem }
}

function isGood({ certPem }: KeyPair, signer: KeyPair | undefined, now: number): boolean {
  const certificate = new X509Certificate(certPem)
  const isTrusted = signer === undefined || certificate.verify(new X509Certificate(signer.certPem).publicKey)
  return isTrusted && Date.parse(certificate.validTo) - now > renewMillis
}
