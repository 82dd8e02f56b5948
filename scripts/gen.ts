/** Writes the generated pages under docs/reference; `npm run check` fails if they are not in step with the code. */
import { writeFileSync } from 'node:fs'
import { errorTable } from '../packages/base/src/index.ts'

const rows = Object.entries(errorTable).map(([code, { family, meaning }]) => `| \`${code}\` | ${family} | ${meaning} |`)
const page = `# Error codes

Every error that Weir reports carries one of these codes. The family says who has to react.

| code | family | meaning |
|---|---|---|
${rows.join('\n')}
`
writeFileSync(new URL('../docs/reference/errors.md', import.meta.url), page)
