/** `text` without control characters, which could move the cursor or change the colours of whoever looks at it. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '?')

/** Lines for a terminal, each printable and ended. */
export const terminalText = (lines: readonly string[]): string => lines.map((line) => `${printable(line)}\n`).join('')
