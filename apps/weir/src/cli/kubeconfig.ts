import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isWeirError, WeirError } from '@weir/base'
import { load } from 'js-yaml'
import { stateDirectory } from '../daemon/state-directory.ts'
import { type Fields, isFields } from '../document/fields.ts'

/** How to reach one API server, and as whom. Certificates and keys are PEM. */
export interface Connection {
  /** The kubeconfig's own file. */
  readonly path: string
  /** The name of the kubeconfig's context. */
  readonly context: string
  /** `https://host:port`, possibly with a path, without a final slash. */
  readonly server: string
  readonly namespace: string
  readonly certificateAuthority?: string
  readonly skipTlsVerify: boolean
  readonly tlsServerName?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly token?: string
}

/** What the user said about where to connect. */
export interface KubeconfigChoice {
  readonly kubeconfig?: string
  readonly context?: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** The file that will be read: `--kubeconfig`, else the first of `$KUBECONFIG`, else the one that `weir up` writes. */
export function kubeconfigPath(choice: KubeconfigChoice, environment: Environment = process.env): string {
  const first = environment['KUBECONFIG']?.split(':').find((path) => path !== '')
  return resolve(choice.kubeconfig ?? first ?? stateDirectory(environment).kubeconfig)
}

/**
 * The connection of the chosen context.
 * @throws CLI_KUBECONFIG if the file cannot be read or says too little; CLIENT_UNREACHABLE if no file is there at all.
 */
export function loadConnection(choice: KubeconfigChoice, environment: Environment = process.env): Connection {
  const path = kubeconfigPath(choice, environment)
  return parseKubeconfig(readKubeconfig(path), { path, ...(choice.context === undefined ? {} : { context: choice.context }) })
}

/** The text of a kubeconfig. @throws as `loadConnection`. */
export function readKubeconfig(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') {
      throw new WeirError('CLIENT_UNREACHABLE', `There is no kubeconfig ${path}, so no data center to talk to`, { cause })
    }
    throw new WeirError('CLI_KUBECONFIG', `The kubeconfig ${path} cannot be read: ${reasonOf(cause)}`, { cause })
  }
}

/** Reads YAML or JSON; relative file names in it are relative to the folder of `path`. @throws CLI_KUBECONFIG. */
export function parseKubeconfig(text: string, from: { readonly path: string; readonly context?: string }): Connection {
  const fail = (what: string): WeirError => new WeirError('CLI_KUBECONFIG', `The kubeconfig ${from.path} ${what}`)
  const config = parseYaml(text, fail)
  const contextName = from.context ?? textOf(config['current-context'])
  if (contextName === undefined) throw fail('names no current-context: choose one with --context')
  const named = (list: string, name: string, item: string): Fields => {
    const entries = Array.isArray(config[list]) ? config[list].filter(isFields) : []
    const found = entries.find((entry) => entry['name'] === name)?.[item]
    if (isFields(found)) return found
    const known = entries.map((entry) => String(entry['name'])).join(', ')
    throw fail(`has no ${item} '${name}'${known === '' ? '' : `; it has: ${known}`}`)
  }
  const context = named('contexts', contextName, 'context')
  const cluster = named('clusters', textOf(context['cluster']) ?? '', 'cluster')
  const userName = textOf(context['user'])
  const user = userName === undefined ? {} : named('users', userName, 'user')
  const server = textOf(cluster['server'])
  if (server === undefined || !URL.canParse(server)) throw fail(`has no good 'server' in the cluster of context '${contextName}'`)
  if (user['exec'] !== undefined || user['auth-provider'] !== undefined) {
    throw fail(`logs in as '${userName ?? ''}' by a plugin, which is not supported: use a client certificate or a token`)
  }
  return {
    path: from.path,
    context: contextName,
    server: server.replace(/\/+$/, ''),
    namespace: textOf(context['namespace']) ?? 'default',
    skipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
    ...optional('tlsServerName', textOf(cluster['tls-server-name'])),
    ...credentials({ cluster, user }, dirname(from.path), fail),
  }
}

type Credentials = Pick<Connection, 'certificateAuthority' | 'clientCertificate' | 'clientKey' | 'token'>
type Fail = (what: string) => WeirError

/** Inline data (base64) wins over a file, as in kubectl. */
function credentials(source: { cluster: Fields; user: Fields }, folder: string, fail: Fail): Credentials {
  const pem = (fields: Fields, name: string): string | undefined => {
    const data = textOf(fields[`${name}-data`])
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8')
    const file = textOf(fields[name])
    return file === undefined ? undefined : readNamed(resolve(folder, file), name, fail)
  }
  const tokenFile = textOf(source.user['tokenFile'])
  const token =
    textOf(source.user['token']) ??
    (tokenFile === undefined ? undefined : readNamed(resolve(folder, tokenFile), 'tokenFile', fail).trim())
  return {
    ...optional('certificateAuthority', pem(source.cluster, 'certificate-authority')),
    ...optional('clientCertificate', pem(source.user, 'client-certificate')),
    ...optional('clientKey', pem(source.user, 'client-key')),
    ...optional('token', token),
  }
}

function readNamed(path: string, name: string, fail: Fail): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fail(`names a ${name} that cannot be read: ${reasonOf(cause)}`)
  }
}

function parseYaml(text: string, fail: Fail): Fields {
  try {
    const value: unknown = load(text)
    if (isFields(value)) return value
    throw fail('is empty or no mapping')
  } catch (cause) {
    if (isWeirError(cause)) throw cause
    throw fail(`is neither YAML nor JSON: ${reasonOf(cause).split('\n', 1)[0] ?? ''}`)
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
const optional = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string })
