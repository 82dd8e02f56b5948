/** Writes the generated pages under docs/reference; `npm run check` fails if they are not in step with the code. */
import { writeFileSync } from 'node:fs'
import { referencePages } from './reference-pages.ts'

for (const { file, text } of referencePages()) writeFileSync(new URL(`../docs/reference/${file}`, import.meta.url), text)
