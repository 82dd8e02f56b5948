import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SheetInput, type WorkbookOptions, writeWorkbook } from '@weir/testkit'
import type { Cell, ChooseColumns } from '../table/table.ts'
import { openZip } from '../zip/zip-archive.ts'
import { RowScanner } from './row-scanner.ts'
import { openWorkbook } from './workbook.ts'

const all: ChooseColumns = (header) => header.map((_, index) => index)

async function rowsOf(bytes: Uint8Array, sheet = 0, choose = all): Promise<readonly (readonly Cell[])[]> {
  const archive = await openZip(bytes, 'book.xlsx')
  const tables = await openWorkbook(archive, 'book.xlsx')
  const rows: (readonly Cell[])[] = []
  for await (const batch of tables[sheet]?.batches(choose) ?? []) rows.push(...batch)
  return rows
}

const book = (rows: SheetInput['rows'], options?: WorkbookOptions, more: Partial<SheetInput> = {}): Uint8Array =>
  writeWorkbook([{ name: 'vInfo', rows, ...more }], options)
const cells = (...xml: readonly string[]): { readonly xml: string }[] => xml.map((each) => ({ xml: each }))

describe('cells', () => {
  const header = ['a', 'b', 'c']
  it.each<[string, WorkbookOptions]>([
    ['shared texts', {}],
    ['texts in their cells', { texts: 'Inline' }],
    ['a prefix on every element', { prefix: 'x' }],
    ['both', { prefix: 'ns0', texts: 'Inline' }],
  ])('are read with %s', async (_, options) => {
    const rows = [header, ['é <&> "', 1.5, true], [undefined, -3, false], ['日本', 0, undefined]]
    expect(await rowsOf(book(rows, options))).toEqual(rows.slice(1).map((row) => row.map((cell) => cell)))
  })

  it.each([
    ['a formula with its value', '<c r="A2"><f>SUM(B1:B9)</f><v>12</v></c>', 12],
    ['a shared formula', '<c r="A2"><f t="shared" si="0"/><v>12</v></c>', 12],
    ['a formula that gives text', '<c r="A2" t="str"><f>X</f><v>a &amp; b</v></c>', 'a & b'],
    ['a formula that was never computed', '<c r="A2"><f>NOW()</f></c>', undefined],
    ['an error', '<c r="A2" t="e"><v>#N/A</v></c>', undefined],
    ['a number with exponent', '<c r="A2"><v>1.5E3</v></c>', 1500],
    ['a number of 20 digits', '<c r="A2"><v>12345678901234567890</v></c>', 12_345_678_901_234_567_000],
    ['an ISO date', '<c r="A2" t="d"><v>2026-01-31T00:00:00Z</v></c>', '2026-01-31T00:00:00Z'],
    [
      'rich text',
      '<c r="A2" t="inlineStr"><is><r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> plain</t></r></is></c>',
      'bold plain',
    ],
    ['phonetic hints', '<c r="A2" t="inlineStr"><is><t>東</t><rPh sb="0" eb="1"><t>ひがし</t></rPh></is></c>', '東'],
    ['CDATA', '<c r="A2" t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', 'a<b'],
    ['a comment', '<c r="A2"><!-- x --><v>4</v></c>', 4],
    ['single quotes', "<c r='A2' t='str'><v>q</v></c>", 'q'],
    ['attributes in another order', '<c t="str" s="4" r="A2"><v>q</v></c>', 'q'],
    ['an escaped character', '<c r="A2" t="str"><v>a_x000A_b</v></c>', 'a\nb'],
    ['no reference', '<c><v>5</v></c>', 5],
  ])('may hold %s', async (_, xml, value) => {
    const rows = await rowsOf(book([['a', 'z'], cells(xml, '<c r="B2"><v>1</v></c>')]))
    expect(rows).toEqual([[value, 1]])
  })

  it('are cut at 1,024 characters', async () => {
    const [[text] = []] = await rowsOf(book([['a'], ['x'.repeat(40_000)]]))
    expect(text).toBe('x'.repeat(1024))
  })

  it('of columns that nobody chose are not there', async () => {
    const rows = [
      ['a', 'b', 'c'],
      ['1', '2', '3'],
    ]
    expect(await rowsOf(book(rows), 0, () => [2, 0])).toEqual([['3', '1']])
  })
})

describe('worksheets', () => {
  it('may declare a million rows, have blank ones, titles above, merged cells and tables after', async () => {
    const rows = [['Export of Monday'], [], ['a', 'b'], [], [1, 2], [undefined, undefined]]
    const more = {
      before: '<dimension ref="A1:XFD1048575"/><cols><col min="1" max="3"/></cols>',
      after: '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells><rowBreaks count="1"/>',
    }
    const choose: ChooseColumns = (header) => (header.includes('b') ? [0, 1] : undefined)
    expect(await rowsOf(book(rows, {}, more), 0, choose)).toEqual([[1, 2]])
  })

  it('without a header among 20 rows give nothing', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => [index])
    expect(await rowsOf(book(rows), 0, () => undefined)).toEqual([])
  })

  it.each([
    ['entities', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>', 'ESTATE_FORMAT'],
    [
      'a shared string that is not there',
      '<worksheet><sheetData><row><c t="s"><v>4000000000</v></c></row></sheetData></worksheet>',
      'ESTATE_CORRUPT',
    ],
    [
      'a row that is not well-formed',
      "<worksheet><sheetData><row><c r='A1'><v>1</w></c></row></sheetData></worksheet>",
      'ESTATE_CORRUPT',
    ],
    ['no end', '<worksheet><sheetData><row><c><v>1</v></c></row><row><c>', 'ESTATE_CORRUPT'],
    ['nothing in it', '', 'ESTATE_CORRUPT'],
    ['another root', `<html>${' '.repeat(1 << 20)}</html>`, 'ESTATE_CORRUPT'],
  ])('with %s are refused', async (_, xml, code) => {
    const bytes = book([['a']], { files: [{ name: 'xl/worksheets/sheet1.xml', bytes: xml }] })
    await expect(rowsOf(bytes)).rejects.toMatchObject({ code })
  })

  it('with a row of more than 32 MiB are refused', async () => {
    const xml = `<worksheet><sheetData><row>${'<c/>'.repeat(9 * 2 ** 20)}`
    const bytes = book([['a']], { files: [{ name: 'xl/worksheets/sheet1.xml', bytes: xml, method: 0 }] })
    await expect(rowsOf(bytes)).rejects.toMatchObject({ code: 'ESTATE_LIMIT' })
  })

  it('give the same rows in whatever portions their bytes come', () => {
    const xml = Buffer.from(
      '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>ä</v></c><c r="C1" t="str"><v>c</v></c></row><row r="2"/>' +
        '<row r="3"><c r="A3"><f>1</f><v>7</v></c></row><row r="4"><c r="C4" t="inlineStr"><is><t>日</t></is></c></row></sheetData></worksheet>',
    )
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 80 }), (lengths) => {
        const scanner = new RowScanner({ strings: [], choose: all, label: 'x', prefix: '' })
        const rows: (readonly Cell[])[] = []
        let at = 0
        for (const length of [...lengths, xml.length]) rows.push(...scanner.scan(xml.subarray(at, (at += length))))
        expect(rows).toEqual([
          [7, undefined, undefined],
          [undefined, undefined, '日'],
        ])
      }),
    )
  })
})

it('tags in any order become rows or a coded error, and never a hang', () => {
  const tokens = [
    '<row>',
    '<row r="1">',
    '</row>',
    '<row/>',
    '<c>',
    '<c r="B1" t="s">',
    '<c r="ZZZZZ1">',
    "<c r='A1'>",
    '</c>',
    '<c/>',
  ]
  const more = [
    '<v>',
    '</v>',
    '<v/>',
    '<f>',
    '</f>',
    '<is><t>',
    '</t></is>',
    '1',
    'x',
    '&amp;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<',
    '>',
    '"',
  ]
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...tokens, ...more), { maxLength: 30 }),
      fc.integer({ min: 1, max: 50 }),
      (parts, chunkBytes) => {
        const scanner = new RowScanner({ strings: ['a'], choose: all, label: 'x', prefix: '' })
        const xml = Buffer.from(`<worksheet><sheetData><row><c r="B1"><v>1</v></c></row>${parts.join('')}</row></worksheet>`)
        try {
          for (let at = 0; at < xml.length; at += chunkBytes)
            for (const row of scanner.scan(xml.subarray(at, at + chunkBytes))) expect(row).toHaveLength(2)
        } catch (error) {
          expect(error).toMatchObject({ code: 'ESTATE_CORRUPT' })
        }
      },
    ),
    { numRuns: 2000 },
  )
})

describe('shared strings', () => {
  const sheet = '<worksheet><sheetData><row><c t="str"><v>h</v></c></row><row><c t="s"><v>1</v></c></row></sheetData></worksheet>'
  const withStrings = (xml: string): Uint8Array =>
    book([['a']], {
      files: [
        { name: 'xl/worksheets/sheet1.xml', bytes: sheet },
        { name: 'xl/sharedStrings.xml', bytes: xml },
      ],
    })
  it.each([
    ['a count that is a lie', '<sst count="4294967296" uniqueCount="4294967296"><si><t>a</t></si><si><t>b</t></si></sst>'],
    ['empty ones', '<sst><si/><si><t>b</t></si></sst>'],
    ['rich ones', '<sst><si><r><t>x</t></r></si><si><r><t>b</t></r><rPh><t>q</t></rPh></si></sst>'],
    ['a prefix', '<x:sst xmlns:x="y"><x:si><x:t>a</x:t></x:si><x:si><x:t>b</x:t></x:si></x:sst>'],
  ])('are read with %s', async (_, xml) => {
    expect(await rowsOf(withStrings(xml))).toEqual([['b']])
  })

  it('with a document type are refused', async () => {
    await expect(rowsOf(withStrings('<!DOCTYPE sst [<!ENTITY a "b">]><sst><si><t>&a;</t></si></sst>'))).rejects.toMatchObject({
      code: 'ESTATE_FORMAT',
    })
  })
})
