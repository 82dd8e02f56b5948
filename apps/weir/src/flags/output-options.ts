import { Option } from 'commander'

/** How a command shows what it has; the first is what it does if nobody says. */
export const outputOption = (first: string, ...others: readonly string[]): Option =>
  new Option('-o, --output <format>', 'how to show it').choices([first, ...others]).default(first)

/** The language of a command's page. */
export const languageOption = (): Option =>
  new Option('--lang <language>', 'of the HTML page').choices(['en', 'zh-CN']).default('en')
