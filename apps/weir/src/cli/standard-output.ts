/**
 * Makes a standard output that takes no more a sentence instead of a crash: a reader that has seen enough (`weir vm list | head -1`) is
 * no failure, anything else (a full disk) ends the process with 1, since what was written is not whole.
 */
export function watchStandardOutput(): void {
  process.stdout.on('error', (error: Error & { readonly code?: string }) => {
    if (error.code === 'EPIPE') process.exit()
    process.stderr.write(`error: The output could not be written, what is there is not whole: ${error.message}\n`)
    process.exit(1)
  })
}
