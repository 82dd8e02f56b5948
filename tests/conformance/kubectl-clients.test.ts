import { expect, it } from 'vitest'
import { pinnedKubectl, systemKubectl } from './kubectl.ts'

interface Version {
  readonly clientVersion: { readonly major: string; readonly minor: string }
}

it('unpacks and runs kubectl 1.35', async () => {
  const kubectl = await pinnedKubectl()
  const { code, stdout } = await kubectl.run(['version', '--client', '-o', 'json'])
  expect(code).toBe(0)
  expect((JSON.parse(stdout) as Version).clientVersion).toMatchObject({ major: '1', minor: '35' })
})

it('says how a run failed', async () => {
  const kubectl = await pinnedKubectl()
  const { code, stderr } = await kubectl.run(['--no-such-flag'])
  expect(code).toBe(1)
  expect(stderr).toContain('unknown flag')
})

it('feeds standard input', async () => {
  const kubectl = await pinnedKubectl()
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {x: v}}\n'
  const { stdout } = await kubectl.run(['label', '--local', '-f', '-', 'z=1', '-o', 'jsonpath={.metadata.labels.z}'], manifest)
  expect(stdout).toBe('1')
})

it("finds the system's kubectl only where it runs", async () => {
  const kubectl = await systemKubectl()
  if (kubectl !== undefined) expect((await kubectl.run(['version', '--client'])).code).toBe(0)
})
