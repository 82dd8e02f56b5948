import { InvalidArgumentError } from 'commander'
import type { NamedRequest } from './wanted-workloads.ts'

const pattern = /^(?<name>[^=]{1,253})=(?<amounts>[^=]+)$/u
const amount = /^(?<resource>[\w./-]{1,253}):(?<value>\d{1,15})$/u

/** Reads `NAME=RESOURCE:AMOUNT,…` and adds it to those before. @throws InvalidArgumentError */
export function collectRequest(text: string, before: readonly NamedRequest[] = []): readonly NamedRequest[] {
  const { name, amounts } = pattern.exec(text)?.groups ?? {}
  if (name === undefined || amounts === undefined) throw wrong()
  if (before.some((each) => each.name === name)) throw new InvalidArgumentError(`'${name}' is named twice.`)
  const requests = amounts.split(',').map((part): [string, number] => {
    const { resource, value } = amount.exec(part)?.groups ?? {}
    if (resource === undefined) throw wrong()
    return [resource, Number(value)]
  })
  return [...before, { name, requests: Object.fromEntries(requests) }]
}

const wrong = (): InvalidArgumentError =>
  new InvalidArgumentError('must be NAME=RESOURCE:AMOUNT,… in whole units of the problem, as web=cpu:2000,memory:4096.')
