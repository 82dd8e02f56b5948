/** Does one thing with a workbook and prints its time and peak memory as JSON: `inflate` its sheets, or `read` it as an estate. */
import { openEstateFile } from '../../packages/estate/src/index.ts'
import { openZip } from '../../packages/estate/src/zip/zip-archive.ts'

const [task, path = ''] = process.argv.slice(2)
const begun = performance.now()
const cpuBegun = process.cpuUsage()
let count = 0
if (task === 'inflate') {
  const archive = await openZip(path, path)
  for (const name of archive.names) for await (const chunk of archive.read(name)) count += chunk.byteLength
  archive.close()
} else {
  const estate = await openEstateFile(path)
  count = estate.machines.length
}
const millis = performance.now() - begun
const { user, system } = process.cpuUsage(cpuBegun)
const cpuMillis = (user + system) / 1000
// maxRSS is in kibibytes.
console.log(JSON.stringify({ millis, cpuMillis, count, peakMiB: process.resourceUsage().maxRSS / 1024 }))
