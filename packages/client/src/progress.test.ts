import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createProgress, type Mark, type Progress } from './progress.ts'

/** Notes in `done` when a wait ends. */
const wait = (progress: Progress, mark: Mark, done: string[], name = mark.resourceVersion): void =>
  void progress.whenAt(mark).then(() => done.push(name))
const turn = (): Promise<void> => Promise.resolve()

describe('createProgress', () => {
  it('is at what was reached, and at nothing newer', () => {
    const progress = createProgress()
    progress.reach('9')
    expect([progress.isAt(progress.mark('9')), progress.isAt(progress.mark('10'))]).toEqual([true, false])
  })

  it('is not thrown back by an older version', () => {
    const progress = createProgress()
    progress.reach('10')
    progress.reach('9')
    expect(progress.isAt(progress.mark('10'))).toBe(true)
  })

  it('wakes who waits for what was reached, and only those', async () => {
    const progress = createProgress()
    const done: string[] = []
    for (const version of ['12', '9', '11', '9']) wait(progress, progress.mark(version), done)
    progress.reach('10')
    await turn()
    expect(done).toEqual(['9', '9'])
    progress.reach('12')
    await turn()
    expect(done).toEqual(['9', '9', '11', '12'])
  })

  it('lets pass at once what has been reached', async () => {
    const progress = createProgress()
    progress.reach('5')
    await expect(progress.whenAt(progress.mark('4'))).resolves.toBeUndefined()
  })

  it('takes a list that was begun after the mark for a history of its own', async () => {
    const progress = createProgress()
    const done: string[] = []
    progress.reach('1000')
    wait(progress, progress.mark('1001'), done)
    const list = progress.beginList()
    progress.endList('7', list)
    await turn()
    expect(done).toEqual(['1001'])
    expect(progress.isAt(progress.mark('8'))).toBe(false)
    progress.reach('8')
    expect(progress.isAt(progress.mark('8'))).toBe(true)
  })

  it('does not take a list that was under way when the mark was made: it may not show it', async () => {
    const progress = createProgress()
    const done: string[] = []
    const list = progress.beginList()
    wait(progress, progress.mark('10'), done)
    progress.endList('9', list)
    await turn()
    expect(done).toEqual([])
    progress.reach('10')
    await turn()
    expect(done).toEqual(['10'])
  })

  it('forgets no list that ended before an older one did', () => {
    const progress = createProgress()
    const mark = progress.mark('10')
    const [first, second] = [progress.beginList(), progress.beginList()]
    progress.endList('9', second)
    progress.endList('8', first)
    expect(progress.isAt(mark)).toBe(true)
  })

  it('wakes everybody who is at a mark, and nobody early, whatever happened before', async () => {
    const version = integer({ min: 1, max: 120 }).map(String)
    const kind = constantFrom('wait' as const, 'reach' as const, 'begin' as const, 'end' as const)
    await assert(
      asyncProperty(array(record({ kind, version }), { maxLength: 40 }), async (events) => {
        const progress = createProgress()
        const waiting: { readonly mark: Mark; woken: boolean }[] = []
        let list: number | undefined
        for (const event of events) {
          if (event.kind === 'wait') {
            const waiter = { mark: progress.mark(event.version), woken: false }
            void progress.whenAt(waiter.mark).then(() => (waiter.woken = true))
            waiting.push(waiter)
          } else if (event.kind === 'reach') progress.reach(event.version)
          else if (event.kind === 'begin') list = progress.beginList()
          else if (list !== undefined) progress.endList(event.version, list)
          const due = waiting.filter(({ mark, woken }) => !woken && progress.isAt(mark))
          const early = waiting.filter(({ mark, woken }) => !woken && !progress.isAt(mark))
          await turn()
          expect([due.every(({ woken }) => woken), early.some(({ woken }) => woken)]).toEqual([true, false])
        }
      }),
    )
  })
})
