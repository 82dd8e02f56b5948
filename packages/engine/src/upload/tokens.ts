import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@weir/base'

/** What a token lets its bearer do: fill one claim, for a while. */
interface Grant {
  readonly namespace: string
  readonly claim: string
  readonly uid: string
  readonly expires: number
}

/** Signs and reads upload tokens. The key lives with this process: a restart ends all tokens. */
export interface UploadTokens {
  sign(grant: Omit<Grant, 'expires'>): string
  /** Undefined for a token that is not ours, was changed, or is too old. */
  read(token: string): Grant | undefined
}

const lifetimeMillis = 300_000

export function createUploadTokens(clock: Clock): UploadTokens {
  const key = randomBytes(32)
  const seal = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest()
  return {
    sign: (grant) => {
      const payload = Buffer.from(JSON.stringify({ ...grant, expires: clock.now() + lifetimeMillis })).toString('base64url')
      return `${payload}.${seal(payload).toString('base64url')}`
    },
    read: (token) => {
      const [payload = '', signature = ''] = token.split('.')
      const given = Buffer.from(signature, 'base64url')
      const wanted = seal(payload)
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
      const grant = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Grant
      return grant.expires > clock.now() ? grant : undefined
    },
  }
}
