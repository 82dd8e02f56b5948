import { configMap, type KubernetesObject, type Status } from '@weir/api'
import { createMemoryDriver, openRevisionLog, type RevisionLog } from '@weir/store'
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../failure.ts'
import { serialize, storedKey } from '../stored.ts'
import { encodeContinuation } from './continuation.ts'
import { listObjects } from './list.ts'

let log: RevisionLog
beforeEach(async () => {
  log = await openRevisionLog(createMemoryDriver())
})

const put = (name: string, tier = 'web', namespace = 'default'): Promise<number> =>
  log.commit({
    key: storedKey(configMap, namespace, name),
    value: serialize({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, labels: { tier } } }),
  })
const remove = (name: string): Promise<number> => log.commit({ key: storedKey(configMap, 'default', name) })

interface List {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number }
  readonly items: readonly KubernetesObject[]
}

const as = { form: 'Object', includeObject: 'Metadata', now: 0 } as const
async function list(query: string, namespace: string | undefined = 'default'): Promise<List> {
  const body = listObjects(log, { kind: configMap, namespace }, { query: new URLSearchParams(query), as })
  let text = ''
  if (typeof body === 'string') text = body
  else for await (const piece of body) text += piece
  return JSON.parse(text) as List
}
const namesOf = ({ items }: List): readonly string[] => items.map(({ metadata }) => metadata.name)
/** What the query is refused with. */
async function refusal(query: string): Promise<Status | undefined> {
  try {
    await list(query)
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.status
    throw error
  }
}
const tokenOf = (revision: number | 'Newest', start: string): string => `continue=${encodeContinuation({ revision, start })}`

describe('pages', () => {
  it('show one state, whatever is written and whatever is selected between them', async () => {
    const change = record({
      name: integer({ min: 10, max: 40 }),
      tier: constantFrom('web', 'db'),
      isPut: constantFrom(true, true, false),
    })
    await assert(
      asyncProperty(
        array(change, { maxLength: 60, size: 'max' }),
        integer({ min: 1, max: 7 }),
        boolean(),
        async (changes, limit, isSelected) => {
          log = await openRevisionLog(createMemoryDriver())
          await put('other', 'web', 'elsewhere')
          const half = changes.slice(0, changes.length / 2)
          for (const { name, tier, isPut } of half) await (isPut ? put(`m-${name}`, tier) : remove(`m-${name}`))
          const selector = isSelected ? '&labelSelector=tier=web' : ''
          const whole = await list(`x=1${selector}`)
          const rest = changes.slice(changes.length / 2)
          const seen: string[] = []
          let page = await list(`limit=${limit}${selector}`)
          for (;;) {
            seen.push(...namesOf(page))
            expect(page.metadata.resourceVersion).toBe(whole.metadata.resourceVersion)
            expect(page.items.length).toBeLessThanOrEqual(limit)
            const { continue: token, remainingItemCount } = page.metadata
            if (!isSelected) expect(remainingItemCount ?? 0).toBe(whole.items.length - seen.length)
            if (token === undefined) break
            const next = rest.shift()
            if (next !== undefined) await (next.isPut ? put(`m-${next.name}`, next.tier) : remove(`m-${next.name}`))
            page = await list(`limit=${limit}&continue=${token}${selector}`)
          }
          expect(seen).toEqual(namesOf(whole))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('go on in the newest state when theirs is forgotten, if the client wants that', async () => {
    for (const name of ['a', 'b', 'c', 'd']) await put(name)
    const first = await list('limit=2')
    await remove('c')
    await put('e')
    await log.compact(6)
    const status = await refusal(`limit=2&continue=${first.metadata.continue}`)
    expect(status).toMatchObject({ code: 410, reason: 'Expired' })
    const rest = await list(`limit=2&continue=${String(status?.metadata['continue'])}`)
    expect(namesOf(rest)).toEqual(['d', 'e'])
    expect(rest.metadata.resourceVersion).toBe('6')
  })

  it('are given from a token of this list alone', async () => {
    await put('a')
    const prefix = '//configmaps/default/'
    for (const token of [
      'continue=x',
      'continue=bnVsbA',
      'continue=e30',
      tokenOf(1, '//secrets/default/a'),
      tokenOf(0, prefix),
      tokenOf(-3, prefix),
    ])
      expect(await refusal(token), token).toMatchObject({ code: 400, message: 'continue key is not valid' })
    expect(await refusal(tokenOf(99, prefix))).toMatchObject({ code: 410 })
  })

  it('are looked for no further than needed', async () => {
    for (let i = 0; i < 1200; i++) await put(`m-${1000 + i}`, i === 700 || i === 1100 ? 'db' : 'web')
    const first = await list('limit=1&labelSelector=tier=db')
    expect(namesOf(first)).toEqual(['m-1700'])
    const second = await list(`limit=1&labelSelector=tier=db&continue=${first.metadata.continue}`)
    expect([namesOf(second), second.metadata.continue]).toEqual([['m-2100'], undefined])
    expect((await list('labelSelector=tier=web')).items).toHaveLength(1198)
  })
})

describe('the state that is shown', () => {
  beforeEach(async () => {
    for (const name of ['a', 'b', 'c']) await put(name)
    await remove('a')
  })
  it.each([
    ['', ['b', 'c'], '4'],
    ['resourceVersion=', ['b', 'c'], '4'],
    ['resourceVersion=0', ['b', 'c'], '4'],
    ['resourceVersion=2', ['b', 'c'], '4'],
    ['resourceVersion=2&resourceVersionMatch=NotOlderThan', ['b', 'c'], '4'],
    ['resourceVersion=2&resourceVersionMatch=Exact', ['a', 'b'], '2'],
    ['resourceVersion=2&limit=5', ['a', 'b'], '2'],
    ['resourceVersion=0&limit=5', ['b', 'c'], '4'],
    ['resourceVersion=2&limit=5&resourceVersionMatch=NotOlderThan', ['b', 'c'], '4'],
    ['limit=0', ['b', 'c'], '4'],
  ])('%s', async (query, names, version) => {
    const found = await list(query)
    expect([namesOf(found), found.metadata.resourceVersion]).toEqual([names, version])
  })

  it.each([
    ['resourceVersion=99', 504],
    ['resourceVersion=99&resourceVersionMatch=Exact', 504],
    ['resourceVersion=new', 400],
    ['limit=many', 400],
    ['limit=-1', 400],
    ['labelSelector=a%20b%20c', 400],
    ['fieldSelector=data.x=1', 400],
    ['resourceVersionMatch=Exact', 422],
    ['resourceVersion=2&resourceVersionMatch=Newest', 422],
    ['resourceVersion=0&resourceVersionMatch=Exact', 422],
    [`resourceVersion=2&resourceVersionMatch=Exact&${tokenOf(2, '//configmaps/default/a')}`, 422],
    [`resourceVersion=2&${tokenOf(2, '//configmaps/default/a')}`, 400],
    ['sendInitialEvents=true', 422],
  ])('%s is refused with %i', async (query, code) => {
    expect((await refusal(query))?.code).toBe(code)
  })

  it('is refused when it is forgotten', async () => {
    await log.compact(3)
    expect((await refusal('resourceVersion=2&resourceVersionMatch=Exact'))?.code).toBe(410)
  })
})
