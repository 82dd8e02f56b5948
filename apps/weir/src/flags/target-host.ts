import type { TargetHost } from '@weir/assessment'
import { InvalidArgumentError } from 'commander'

const pattern = /^([a-z0-9][\w.-]{0,62})=(\d{1,4}),(\d{1,2}(?:\.\d{1,3})?),(\d{1,6})(?:,(\d{1,12}))?$/iu

/** Reads `NAME=CORES,GHZ,GIB[,PRICE]` and adds it to those before. @throws InvalidArgumentError */
export function collectTargetHost(text: string, before: readonly TargetHost[] = []): readonly TargetHost[] {
  const [, name = '', cores, ghz, gib, price] = pattern.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('must be NAME=CORES,GHZ,GIB[,PRICE], as big=64,2.4,1024.')
  if (before.some((host) => host.name === name)) throw new InvalidArgumentError(`'${name}' is named twice.`)
  const host: TargetHost = {
    name,
    cores: Number(cores),
    mhzPerCore: Math.round(Number(ghz) * 1000),
    memoryMebibytes: Number(gib) * 1024,
    ...(price === undefined ? {} : { price: Number(price) }),
  }
  if (before.some((other) => (other.price === undefined) !== (price === undefined)))
    throw new InvalidArgumentError('has a price where another has none: give all of them one, or none.')
  return [...before, host]
}
