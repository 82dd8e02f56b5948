const endpoints: readonly string[] = ['healthz', 'livez', 'readyz']

/**
 * The answer to `/healthz`, `/livez` and `/readyz`, alone, `verbose`, or of one check (`/readyz/store`); undefined for other
 * paths and for checks that there are not. `failure` is why the store takes no writes: 500 then.
 */
export function healthOf(
  path: string,
  { isVerbose, failure }: { readonly isVerbose: boolean; readonly failure: Error | undefined },
): { readonly code: 200 | 500; readonly text: string } | undefined {
  const [, endpoint = '', name, ...more] = path.split('/')
  const checks: ReadonlyMap<string, boolean> = new Map([
    ['ping', true],
    ['store', failure === undefined],
  ])
  if (!endpoints.includes(endpoint) || more.length > 0 || (name !== undefined && !checks.has(name))) return undefined
  const asked = [...checks].filter(([check]) => name === undefined || check === name)
  const isWell = asked.every(([, passed]) => passed)
  const lines = asked.map(([check, passed]) => (passed ? `[+]${check} ok` : `[-]${check} failed: see the log of the server`))
  const text = isWell && !isVerbose ? 'ok' : [...lines, `${endpoint} check ${isWell ? 'passed' : 'failed'}`, ''].join('\n')
  return { code: isWell ? 200 : 500, text }
}
