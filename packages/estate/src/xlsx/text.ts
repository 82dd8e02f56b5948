const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Text of XML, its predefined and numeric entities replaced. Others stay as they are: no entity is ever looked up. */
export const decodeEntities = (text: string): string =>
  text.includes('&')
    ? text.replaceAll(
        /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/giu,
        (whole, hex?: string, decimal?: string, name?: string) =>
          name === undefined
            ? characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), whole)
            : (named[name.toLowerCase()] ?? whole),
      )
    : text

const characterOf = (code: number, whole: string): string => (code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole)

/** A string as spreadsheets mean it: `_x000D_` stands for the character of that code (ECMA-376 part 1, 22.9.2.19, ST_Xstring). */
export const decodeEscapes = (text: string): string =>
  text.includes('_x')
    ? text.replaceAll(/_x([0-9a-f]{4})_/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
