/** What an object's name may be: most kinds a DNS subdomain, namespaces a DNS label, some (RBAC) any path segment. */
export type NameRule = 'subdomain' | 'label' | 'path'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const qualified = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualified})?`

// `label` and `subdomain` are checked by parts: one expression over the whole could backtrack.
const isLabel = (text: string): boolean => /^[a-z0-9-]+$/u.test(text) && !text.startsWith('-') && !text.endsWith('-')
const isSubdomain = (text: string): boolean => text.split('.').every(isLabel)
const isQualified = (text: string): boolean =>
  /^[A-Za-z0-9_.-]+$/u.test(text) && /^[A-Za-z0-9]/u.test(text) && /[A-Za-z0-9]$/u.test(text)

const labelWords = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`
const subdomainWords = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`
const qualifiedWords = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualified}')`
const valueWords = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`
const tooManyBytes = (max: number): string => `must be no more than ${max} bytes`

/** What is wrong with an object's name, [] if nothing. */
export function nameErrors(name: string, rule: NameRule): string[] {
  if (rule === 'path') return pathErrors(name)
  const max = rule === 'label' ? 63 : 253
  const errors = Buffer.byteLength(name) > max ? [tooManyBytes(max)] : []
  if (rule === 'label' && !isLabel(name)) errors.push(labelWords)
  if (rule === 'subdomain' && !isSubdomain(name)) errors.push(subdomainWords)
  return errors
}

function pathErrors(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}

/** What is wrong with a label key, annotation key or finalizer: `name` or `dns.prefix/name`. */
export function labelKeyErrors(key: string): string[] {
  const slash = key.indexOf('/')
  const name = key.slice(slash + 1)
  const errors = slash < 0 ? [] : prefixErrors(key.slice(0, slash))
  if (name === '') errors.push('name part must be non-empty')
  else if (name.length > 63) errors.push(`name part ${tooManyBytes(63)}`)
  if (!isQualified(name)) errors.push(qualifiedWords)
  return errors
}

function prefixErrors(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty']
  return nameErrors(prefix, 'subdomain').map((text) => `prefix part ${text}`)
}

/** What is wrong with a label value. */
export function labelValueErrors(value: string): string[] {
  const errors = value.length > 63 ? [tooManyBytes(63)] : []
  if (value !== '' && !isQualified(value)) errors.push(valueWords)
  return errors
}
