import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** A certificate and its private key, PEM. */
export interface KeyPair {
  readonly certPem: string
  readonly keyPem: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMillis = 86_400_000
/** Clocks differ: a certificate holds from a little earlier. */
const skewMillis = 300_000

x509.cryptoProvider.set(webcrypto)

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64')
  return `-----BEGIN PRIVATE KEY-----\n${bytes.match(/.{1,64}/gu)?.join('\n') ?? ''}\n-----END PRIVATE KEY-----\n`
}

const newKeys = async (): Promise<webcrypto.CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const serial = (): string => Buffer.from(webcrypto.getRandomValues(new Uint8Array(12))).toString('hex')

/** A new authority, good for ten years (RFC 5280). `now` is in milliseconds since the epoch. */
export async function createAuthority(name: string, now: number): Promise<KeyPair> {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}`,
    notBefore: new Date(now - skewMillis),
    notAfter: new Date(now + 3650 * dayMillis),
    signingAlgorithm: algorithm,
    keys: keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await pem(keys.privateKey) }
}

/** What a certificate says: a server's names, or a client's user and groups. */
export type Subject =
  | { readonly kind: 'Server'; readonly dnsNames: readonly string[]; readonly addresses: readonly string[] }
  | { readonly kind: 'Client'; readonly user: string; readonly groups: readonly string[] }

/** A certificate signed by `authority`, good for a year. */
export async function signCertificate(authority: KeyPair, subject: Subject, now: number): Promise<KeyPair> {
  const keys = await newKeys()
  const key = await webcrypto.subtle.importKey(
    'pkcs8',
    Buffer.from(authority.keyPem.replace(/-----[^-]+-----|\s/gu, ''), 'base64'),
    algorithm,
    false,
    ['sign'],
  )
  const issuer = new x509.X509Certificate(authority.certPem)
  const name =
    subject.kind === 'Server'
      ? [{ CN: ['weir-server'] }]
      : [...subject.groups.map((group) => ({ O: [group] })), { CN: [subject.user] }]
  const usage = subject.kind === 'Server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth
  const names =
    subject.kind === 'Server'
      ? [
          ...subject.dnsNames.map((value) => ({ type: 'dns' as const, value })),
          ...subject.addresses.map((value) => ({ type: 'ip' as const, value })),
        ]
      : []
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: new x509.Name(name).toString(),
    issuer: issuer.subject,
    notBefore: new Date(now - skewMillis),
    notAfter: new Date(now + 365 * dayMillis),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  })
  return { certPem: `${certificate.toString('pem')}\n`, keyPem: await pem(keys.privateKey) }
}
