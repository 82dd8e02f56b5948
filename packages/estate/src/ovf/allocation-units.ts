import { WeirError } from '@weir/base'

const named: Readonly<Record<string, number>> = {
  '': 1,
  byte: 1,
  bytes: 1,
  kilobytes: 2 ** 10,
  megabytes: 2 ** 20,
  gigabytes: 2 ** 30,
  terabytes: 2 ** 40,
}
const product = /^bytes?(?:\s*\*\s*(2|10)\s*\^\s*(\d{1,2}))?$/iu

/** Bytes of `amount` in `units` as OVF writes them: `byte * 2^30` (DSP0004) or `MegaBytes`. @throws IMAGE_DESCRIPTOR */
export function parseAmountBytes(amount: string, units: string, label: string): number {
  const [, base, exponent] = product.exec(units.trim()) ?? []
  const factor = base === undefined ? named[units.trim().toLowerCase()] : Number(base) ** Number(exponent)
  const bytes = /^\d{1,16}$/u.test(amount.trim()) && factor !== undefined ? Number(amount) * factor : Number.NaN
  if (!Number.isSafeInteger(bytes))
    throw new WeirError(
      'IMAGE_DESCRIPTOR',
      `${label} is '${amount.slice(0, 40)}' in units of '${units.slice(0, 40)}'; a number of bytes below 2^53 is expected.`,
    )
  return bytes
}
