import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/** The table of docs/architecture.md: which package may import which. A new row or edge needs a decision record. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  base: [],
  api: ['base'],
  store: ['base'],
  client: ['base', 'api'],
  planner: ['base', 'api'],
  assessment: ['base', 'api', 'planner', 'estate'],
  images: ['base'],
  apiserver: ['base', 'api', 'store'],
  runtime: ['base', 'api', 'client'],
  estate: ['base', 'api', 'images'],
  engine: ['base', 'api', 'client', 'runtime', 'images'],
  controllers: ['base', 'api', 'client', 'runtime', 'planner', 'estate'],
  inventory: ['base', 'api', 'client'],
  testkit: ['base', 'api', 'store', 'client', 'apiserver'],
}

const root = new URL('../packages/', import.meta.url)
const packages = readdirSync(root).filter((name) => existsSync(new URL(`${name}/package.json`, root)))

it('finds the packages', () => {
  expect(packages).toContain('base')
})

describe.each(packages)('%s', (name) => {
  const sources = readdirSync(new URL(`${name}/src/`, root), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )

  it('lists only the packages it may import', () => {
    const manifest = JSON.parse(readFileSync(new URL(`${name}/package.json`, root), 'utf8')) as { dependencies?: object }
    const listed = Object.keys(manifest.dependencies ?? {}).filter((dependency) => dependency.startsWith('@weir/'))
    const allowed = (mayImport[name] ?? []).map((dependency) => `@weir/${dependency}`)
    expect(listed.filter((dependency) => !allowed.includes(dependency))).toEqual([])
  })

  it('imports nothing else from the workspace, nor by a path out of its folder', () => {
    const allowed = mayImport[name] ?? []
    const wrong = sources
      .filter((file) => !/\.(?:test|contract|fixture)\.ts$/u.test(file))
      .flatMap((file) =>
        [...readFileSync(new URL(`${name}/src/${file}`, root), 'utf8').matchAll(/from '([^']+)'/gu)].map(
          ([, from]) => `${file}: ${from}`,
        ),
      )
      .filter((line) => {
        const workspace = /: @weir\/(.+)$/u.exec(line)?.[1]
        return workspace === undefined ? line.includes(': ../../..') : !allowed.includes(workspace)
      })
    expect(wrong).toEqual([])
  })

  it('explains itself at the top of index.ts', () => {
    expect(readFileSync(new URL(`${name}/src/index.ts`, root), 'utf8')).toMatch(/^\/\*\*\n \* .{40,}/u)
  })
})

it("checks plans by none of the planner's code: what they share are types", () => {
  const checker = new URL('planner/src/checker/', root)
  const shared = readdirSync(checker)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      [...readFileSync(new URL(file, checker), 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gmu)].map(
        ([, from]) => `${file}: ${from}`,
      ),
    )
    .filter((line) => !/: \.\/[^/]+\.ts$/u.test(line))
  expect(shared).toEqual([])
})

it('takes no path from a URL as it is: a folder with a space in its name would be another one', () => {
  const wrong = ['../apps/', '../packages/', '../scripts/', './'].flatMap((folder) =>
    readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
      .filter((file) =>
        /import\.meta\.url\)\.pathname/u.test(readFileSync(new URL(`${folder}${file}`, import.meta.url), 'utf8')),
      ),
  )
  expect(wrong).toEqual([])
})
