import { InvalidArgumentError } from 'commander'

/** Reads a number within bounds, whole ones unless said. @throws InvalidArgumentError with the bounds */
export const number =
  (least: number, most: number, isWhole = true) =>
  (text: string): number => {
    const value = Number(text)
    if (text.trim() === '' || !(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new InvalidArgumentError(`must be a${isWhole ? ' whole' : ''} number from ${least} to ${most}.`)
    return value
  }
