import { html, type Markup } from './markup.ts'

/** The head of a column; of numbers, which stand to the right. */
type Column = string | { readonly number: string }

/** A table of `rows`, each a `tr`. */
export const table = (columns: readonly Column[], rows: readonly Markup[], caption?: string): Markup =>
  html`<table>
    ${
      caption === undefined
        ? undefined
        : html`<caption>
            ${caption}
          </caption>`
    }
    <thead>
      <tr>
        ${columns.map((column) => (typeof column === 'string' ? html`<th>${column}</th>` : html`<th class="number">${column.number}</th>`))}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`

/** A figure with its name, for a `dl` of class `figures`. */
export const figure = (name: string, value: string | Markup): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`

/** Rows shown of long lists; the JSON forms have all. */
export const mostRows = 200

/** Says how many of `count` rows are not shown, if any. */
export const moreRows = (count: number, more: (count: number) => string): Markup | undefined =>
  count > mostRows ? html`<p class="meta">${more(count - mostRows)}</p>` : undefined
