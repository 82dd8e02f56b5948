import type { Language } from '@weir/assessment'
import { html, Markup } from './markup.ts'
import { styles } from './styles.ts'

/** A page of sections that needs nothing else: no script, no font, no picture from outside, and a policy that forbids them. */
export const pageHtml = (
  sections: readonly Markup[],
  { title, language }: { readonly title: string; readonly language: Language },
): string =>
  html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${new Markup(styles)}
        </style>
      </head>
      <body>
        <main>${sections}</main>
      </body>
    </html> `.text
