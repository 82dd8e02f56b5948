/** Times of a user: `weir up` to a ready API, `weir vm list`, and the resident memory of an idle data center. Medians of five. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = new URL('../../', import.meta.url).pathname
const home = mkdtempSync(join(tmpdir(), 'weir-bench-'))
const env = { ...process.env, WEIR_HOME: home, WEIR_ACCEL: 'tcg', KUBECONFIG: join(home, 'kubeconfig') }
const weir = (...words: readonly string[]): number => {
  const begun = performance.now()
  execFileSync(join(root, 'weir'), words, { env, stdio: 'ignore' })
  return performance.now() - begun
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const ups: number[] = []
const lists: number[] = []
const residentMiB: number[] = []
try {
  const first = weir('up', '--port', '0')
  weir('down')
  for (let round = 0; round < 5; round++) {
    ups.push(weir('up'))
    lists.push(weir('vm', 'list'))
    await new Promise((resolve) => {
      setTimeout(resolve, 3000)
    })
    const { pid } = JSON.parse(readFileSync(join(home, 'run', 'weir.pid'), 'utf8')) as { readonly pid: number }
    residentMiB.push(Number(/VmRSS:\s+(\d+)/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
    weir('down')
  }
  console.log(`weir up, first start (makes its certificates)   ${first.toFixed(0)} ms`)
  console.log(`weir up to a ready API, median of 5             ${median(ups).toFixed(0)} ms   (goal 1000)`)
  console.log(`weir vm list, median of 5                       ${median(lists).toFixed(0)} ms   (goal 400)`)
  console.log(`resident memory, idle, all CRDs, median of 5    ${median(residentMiB).toFixed(0)} MiB (goal 180 MB)`)
} finally {
  try {
    weir('down')
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
