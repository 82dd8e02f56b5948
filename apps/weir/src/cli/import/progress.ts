import type { ImportEvent } from './events.ts'

/** Where progress is shown. */
export interface ProgressOutput {
  readonly write: (text: string) => void
  readonly isTerminal: boolean
  readonly now: () => number
}

const barWidth = 24
const redrawMillis = 100

/** Bytes for people: `1.5 GiB`. */
export function formatSize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 2 ** (10 * power)
  return `${power === 0 ? value : value.toFixed(1)} ${units[power] ?? ''}`
}

/** Tells the events of an import in lines; on a terminal the progress of a disk is one line with a bar, rate and time left. */
export function createImportProgress({ write, isTerminal, now }: ProgressOutput): (event: ImportEvent) => void {
  let begun = now()
  let drawn = 0
  const draw = ({ disk, sentBytes, totalBytes }: Extract<ImportEvent, { kind: 'Progress' }>): void => {
    if (sentBytes === totalBytes || now() - drawn < redrawMillis) return
    drawn = now()
    const millis = now() - begun
    const line =
      totalBytes === undefined ? sentLine(disk, sentBytes, millis) : progressLine(disk, { sentBytes, totalBytes, millis })
    write(`\r${line}\u001B[K`)
  }
  return (event) => {
    switch (event.kind) {
      case 'Concern':
        return write(
          `${event.concern.severity.padEnd(11)} ${event.concern.id}: ${event.concern.message} ${event.concern.remedy}\n`,
        )
      case 'Looks':
        return write(`an import of '${event.name}' was begun before; looking for ${event.seconds} s whether it goes on ...\n`)
      case 'Replaces':
        return write(`virtualmachine.kubevirt.io/${event.name} of an interrupted import is replaced\n`)
      case 'Created':
        begun = now()
        return write(
          `virtualmachine.kubevirt.io/${event.name} created in ${event.namespace}, ${event.diskCount} disk${event.diskCount === 1 ? '' : 's'} to fill\n`,
        )
      case 'Progress':
        return isTerminal ? draw(event) : undefined
      case 'Filled':
        begun = now()
        return write(
          `${isTerminal ? '\r\u001B[K' : ''}datavolume.cdi.kubevirt.io/${event.disk} filled: ${formatSize(event.sentBytes)} in ${(event.millis / 1000).toFixed(1)} s (${formatSize((event.sentBytes / Math.max(1, event.millis)) * 1000)}/s)\n`,
        )
      case 'Done':
        return write(
          `virtualmachine.kubevirt.io/${event.name} imported${event.verified ? ', checksums verified' : ''}${event.started ? ', started' : ''}\n`,
        )
    }
  }
}

/** One line: name, bar, share, rate and time left. */
export function progressLine(
  name: string,
  { sentBytes, totalBytes, millis }: { readonly sentBytes: number; readonly totalBytes: number; readonly millis: number },
): string {
  const share = totalBytes === 0 ? 1 : Math.min(1, sentBytes / totalBytes)
  const full = Math.round(share * barWidth)
  const rate = (sentBytes / Math.max(1, millis)) * 1000
  const left = rate === 0 ? '?' : `${Math.ceil((totalBytes - sentBytes) / rate)} s left`
  return `${name}  [${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${String(Math.floor(share * 100)).padStart(3)}%  ${formatSize(rate)}/s  ${left}`
}

/** One line for what has no known end: name, what has been sent, rate. */
const sentLine = (name: string, sentBytes: number, millis: number): string =>
  `${name}  ${formatSize(sentBytes)}  ${formatSize((sentBytes / Math.max(1, millis)) * 1000)}/s`
