import { expect, it } from 'vitest'
import { ensureHostPackages, installCommand, missingPackages } from './host-packages.ts'

const tools = [
  { file: '/nowhere/a', package: 'weir-test-a', purpose: 'testing' },
  { file: '/nowhere/b', package: 'weir-test-a', purpose: 'testing' },
  { file: '/', package: 'base-files', purpose: 'being there' },
]

it('names each missing package once and leaves out what is there', () => {
  expect(missingPackages(tools).map((tool) => tool.package)).toEqual(['weir-test-a'])
})

it('asks for sudo only without root', () => {
  expect(installCommand(missingPackages(tools), false)).toBe('sudo apt-get install -y --no-install-recommends weir-test-a')
})

it('declines to install, says why each package is needed and gives the command', async () => {
  const said: string[] = []
  const run = ensureHostPackages(tools, { install: false, say: (line) => said.push(line), root: true })
  await expect(run).rejects.toThrow('Run: apt-get install -y --no-install-recommends weir-test-a')
  expect(said.join('\n')).toContain('weir-test-a          testing')
})
