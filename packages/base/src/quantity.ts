import { WeirError } from './errors.ts'

declare const unit: unique symbol
/** A whole number of bytes, 0 to 2^53 - 1. */
export type Bytes = number & { readonly [unit]: 'bytes' }
/** A whole number of thousandths of a CPU, 0 to 2^53 - 1. */
export type CpuMillis = number & { readonly [unit]: 'cpuMillis' }

const binary: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
}
const decimalExponent: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const pattern = /^\+?(\d{0,30})(?:\.(\d{0,30}))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d{1,2}))?$/u

/** The value of `text` times 10^`scale`, rounded up as Kubernetes does (apimachinery `resource.Quantity.ScaledValue`). */
function parseScaled(text: string, field: string, scale: number): number {
  const match = pattern.exec(text)
  const whole = match?.[1] ?? ''
  const fraction = match?.[2] ?? ''
  if (match === null || whole + fraction === '')
    throw invalid(text, field, "must be a quantity such as '500m', '2', '512Mi' or '10G'")
  const suffix = match[3] ?? ''
  const factor = binary[suffix] ?? 1n
  const exponent = (factor === 1n ? (decimalExponent[suffix] ?? 0) : 0) + Number(match[4] ?? '0') + scale - fraction.length
  const digits = BigInt(whole + fraction) * factor
  const value = exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent))
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw invalid(text, field, 'must be less than 2^53 in base units')
  return Number(value)
}

const divideUp = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor

const invalid = (text: string, field: string, message: string): WeirError =>
  new WeirError('INPUT_QUANTITY', `\`${field}\` ${message}, not '${text.slice(0, 64)}'`, { causes: [{ field, message }] })

/**
 * Reads a Kubernetes quantity as bytes, rounded up; `field` names the place in errors.
 * @throws INPUT_QUANTITY if `text` is no quantity, is negative, or is 2^53 or more.
 */
export const parseBytes = (text: string, field: string): Bytes => parseScaled(text, field, 0) as Bytes

/**
 * Reads a Kubernetes quantity as millicores, rounded up; `field` names the place in errors.
 * @throws INPUT_QUANTITY if `text` is no quantity, is negative, or is 2^53 or more.
 */
export const parseCpuMillis = (text: string, field: string): CpuMillis => parseScaled(text, field, 3) as CpuMillis

/** The shortest exact quantity with a binary suffix: `1073741824` gives `1Gi`, `1000` gives `1000`. */
export function formatBytes(bytes: Bytes): string {
  const suffix = Object.entries(binary).findLast(([, factor]) => bytes !== 0 && BigInt(bytes) % factor === 0n)
  return suffix === undefined ? String(bytes) : `${BigInt(bytes) / suffix[1]}${suffix[0]}`
}
