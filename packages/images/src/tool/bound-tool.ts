/**
 * The words that run `words` as a program that ends when this process does, however that ends (prctl(2), PR_SET_PDEATHSIG):
 * exit code and signals are the program's own, 127 if there is no such program. Start it from the main thread, whose end
 * counts. It is for tools whose work is lost without us; guests are to live on.
 */
export const boundToUs = (words: readonly string[]): readonly [command: string, ...words: string[]] => [
  'setpriv',
  '--pdeathsig',
  'KILL',
  'sh',
  '-c',
  // If we ended before the signal was asked for, nobody would send it.
  'test "$PPID" = "$0" && exec "$@"',
  String(process.pid),
  ...words,
]
