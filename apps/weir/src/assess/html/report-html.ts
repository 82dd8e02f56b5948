import type { AssessmentReport, Language } from '@weir/assessment'
import { html, Markup } from './markup.ts'
import { clusterSection, dataSection, machineSection, retirementSection, sizeSection } from './list-sections.ts'
import { methodSection, type Page, readinessSection, verdictSection, waterfallSection } from './sections.ts'
import { styles } from './styles.ts'
import { pageTexts } from './texts.ts'

/** The report as one page that needs nothing else: no script, no font, no picture from outside. It prints well. */
export function reportHtml(report: AssessmentReport, language: Language): string {
  const page: Page = { report, texts: pageTexts[language], language }
  const sections = [
    verdictSection,
    waterfallSection,
    readinessSection,
    clusterSection,
    machineSection,
    sizeSection,
    retirementSection,
    dataSection,
    methodSection,
  ].flatMap((section) => section(page) ?? [])
  return html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${page.texts.title}${page.texts.colon}${report.metadata.name}</title>
        <style>
          ${new Markup(styles)}
        </style>
      </head>
      <body>
        <main>${sections}</main>
      </body>
    </html> `.text
}
