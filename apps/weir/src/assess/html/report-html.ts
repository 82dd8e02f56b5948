import type { AssessmentReport, Language } from '@weir/assessment'
import { clusterSection, dataSection, machineSection, retirementSection, sizeSection } from './list-sections.ts'
import { pageHtml } from '../../html/page.ts'
import { methodSection, type Page, readinessSection, verdictSection, waterfallSection } from './sections.ts'
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
  return pageHtml(sections, { title: `${page.texts.title}${page.texts.colon}${report.metadata.name}`, language })
}
