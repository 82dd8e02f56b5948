import { describe, expect, it } from 'vitest'
import { type Next, runSteps, soonest, type Step } from './index.ts'

interface Seen {
  readonly size?: number
  readonly text?: string
}
const signal = new AbortController().signal
const wait: Next = { kind: 'Wait' }
const poll = (seconds: number): Next => ({ kind: 'PollAfter', seconds, reason: `every ${seconds}` })
const tells =
  (type: string, next: Next = wait, status: Seen = {}): Step<string, Seen> =>
  (scope) =>
    Promise.resolve({ conditions: [{ type, status: 'True', reason: 'Seen', message: scope }], status, next })
const failure = new Error('no')
const fails: Step<string, Seen> = () => Promise.reject(failure)
const throws: Step<string, Seen> = () => {
  throw failure
}

it.each([
  [wait, wait, wait],
  [wait, poll(5), poll(5)],
  [poll(5), wait, poll(5)],
  [poll(5), poll(3), poll(3)],
  [poll(3), poll(5), poll(3)],
])('takes the sooner of %o and %o', (a, b, expected) => {
  expect(soonest(a, b)).toEqual(expected)
})

describe('runSteps', () => {
  it('gathers what the steps saw; of the same field the later step counts', async () => {
    const steps = [tells('A', poll(30), { size: 1, text: 'x' }), tells('B', poll(10), { size: 2 }), tells('C')]
    const { conditions, ...rest } = await runSteps(steps, 'scope', signal)
    expect(conditions.map(({ type, message }) => `${type} ${message}`)).toEqual(['A scope', 'B scope', 'C scope'])
    expect(rest).toEqual({ status: { size: 2, text: 'x' }, next: poll(10), errors: [] })
  })

  it('goes on after a step that fails, and keeps what the others saw', async () => {
    const run = await runSteps([fails, tells('A', poll(10)), throws, tells('B')], '', signal)
    expect(run.errors).toEqual([failure, failure])
    expect(run.conditions.map(({ type }) => type)).toEqual(['A', 'B'])
    expect(run.next).toEqual(poll(10))
  })

  it('gives a condition to one step', async () => {
    const run = await runSteps([tells('A'), tells('A', poll(5), { size: 3 })], '', signal)
    expect(run.conditions).toHaveLength(1)
    expect(run.errors).toMatchObject([{ name: 'TypeError', message: expect.stringContaining("'A'") }])
    expect(run.status).toEqual({ size: 3 })
  })

  it('begins no step after an abort', async () => {
    const stop = new AbortController()
    const ran: string[] = []
    const stops: Step<string, Seen> = async () => {
      ran.push('stops')
      stop.abort(new Error('stopped'))
      return { conditions: [], next: wait }
    }
    const runs: Step<string, Seen> = async () => {
      ran.push('runs')
      return { conditions: [], next: wait }
    }
    await expect(runSteps([stops, runs], '', stop.signal)).rejects.toThrow('stopped')
    expect(ran).toEqual(['stops'])
  })

  it('does nothing with no steps', async () => {
    expect(await runSteps([], '', signal)).toEqual({ conditions: [], status: {}, next: wait, errors: [] })
  })
})
