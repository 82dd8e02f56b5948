import { isWeirError, WeirError } from '@weir/base'
import { SaxesParser } from 'saxes'

const bytesMax = 5 * 1024 * 1024
const depthMax = 64

/** An element of a document. Names and attributes are without their namespace prefix; `text` is trimmed. */
export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  readonly text: string
}

interface OpenElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: XmlElement[]
  text: string
}

/**
 * The root element of the XML document `text`, at most 5 MB and 64 levels deep. Document types, and so entities, are refused.
 * @throws IMAGE_DESCRIPTOR if it is no such document; `label` names it.
 */
export function parseXml(text: string, label: string): XmlElement {
  const refuse = (what: string): never => {
    throw new WeirError('IMAGE_DESCRIPTOR', `'${label}' cannot be read: ${what}.`)
  }
  if (text.length > bytesMax) refuse(`it has ${text.length} characters; at most ${bytesMax} are allowed`)
  const open: OpenElement[] = [{ name: '', attributes: new Map(), children: [], text: '' }]
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => refuse(error.message))
  parser.on('doctype', () => refuse('it declares a document type, which could define entities; remove the DOCTYPE line'))
  parser.on('opentag', ({ local, attributes }) => {
    if (open.length > depthMax) refuse(`its elements are nested more than ${depthMax} deep`)
    const plain = new Map(Object.values(attributes).map((attribute) => [attribute.local, attribute.value]))
    open.push({ name: local, attributes: plain, children: [], text: '' })
  })
  const addText = (more: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += more
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const element = open.pop()
    if (element !== undefined) open.at(-1)?.children.push({ ...element, text: element.text.trim() })
  })
  try {
    parser.write(text.replace(/^\uFEFF/u, '')).close()
  } catch (error) {
    if (isWeirError(error)) throw error
    throw new WeirError('IMAGE_DESCRIPTOR', `'${label}' cannot be read: ${String(error)}.`, { cause: error })
  }
  return open[0]?.children[0] ?? refuse('it has no root element')
}
