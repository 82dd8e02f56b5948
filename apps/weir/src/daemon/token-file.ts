import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { User } from '@weir/apiserver'
import { WeirError } from '@weir/base'

const othersMayRead = 0o077
/** A shorter one could be guessed. */
const tokenCharactersMin = 16

/**
 * Who bears which token: the lines `token,user,uid` and `token,user,uid,"group,group"` of a file, as kube-apiserver's
 * `--token-auth-file` takes them; nobody if there is no file. `#` begins a comment. The file is for its owner alone.
 * @throws UP_FAILED with the line; never with a token.
 */
export function readTokens(file: string): ReadonlyMap<string, User> {
  const text = readPrivate(file)
  const tokens = new Map<string, User>()
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    if (/^\s*(?:#|$)/u.test(line)) continue
    const { token, user } = parseLine(line, (reason) => new WeirError('UP_FAILED', `'${file}', line ${index + 1}: ${reason}`))
    if (tokens.has(token))
      throw new WeirError('UP_FAILED', `'${file}', line ${index + 1}: the token is there already; make another`)
    tokens.set(token, user)
  }
  return tokens
}

function readPrivate(file: string): string {
  const descriptor = openIfThere(file)
  if (descriptor === undefined) return ''
  try {
    if ((fstatSync(descriptor).mode & othersMayRead) !== 0)
      throw new WeirError('UP_FAILED', `'${file}' may be read by others than its owner; take that away: chmod 600 '${file}'`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new WeirError('UP_FAILED', `'${file}' cannot be read`, { cause })
  }
}

function parseLine(line: string, refusal: (reason: string) => WeirError): { readonly token: string; readonly user: User } {
  const found = /^([^,"]*),([^,"]*),([^,"]*)(?:,(?:"([^"]*)"|([^,"]*)))?$/u.exec(line.trim())
  if (found === null) throw refusal('it must be token,user,uid or token,user,uid,"group,group"')
  const [, token = '', name = '', , quoted, plain] = found
  if (token.length < tokenCharactersMin || /\s/u.test(token))
    throw refusal(`a token has ${tokenCharactersMin} or more characters and no space; make one: openssl rand -hex 32`)
  if (name === '' || name.startsWith('system:')) throw refusal('the user needs a name, which may not begin with system:')
  const groups = (quoted ?? plain ?? '').split(',').map((group) => group.trim())
  return { token, user: { name, groups: [...new Set(['system:authenticated', ...groups.filter((group) => group !== '')])] } }
}
