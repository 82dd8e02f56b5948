import { expect, it } from 'vitest'
import { terminalText } from './terminal-text.ts'

it('ends each line, and keeps a name that steers terminals from doing so', () => {
  expect(terminalText(['plain', 'web\u001B[2J\r\n\u009B1m', '虚拟机'])).toBe('plain\nweb?[2J???1m\n虚拟机\n')
  expect(terminalText([])).toBe('')
})
