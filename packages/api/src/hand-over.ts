/**
 * A file that a process of this machine holds open, by its number there (`/proc/PID/fd`), and what tells it and its content from
 * others: device, inode, length in bytes and time of the last change in nanoseconds, in decimal.
 */
export interface HeldFile {
  readonly pid: number
  readonly fd: number
  readonly identity: Readonly<Record<'dev' | 'ino' | 'size' | 'mtimeNs', string>>
}

/** A disk image for an upload as a part of a held file, instead of its bytes. */
export interface HandOver {
  readonly file: HeldFile
  readonly offset: number
  readonly lengthBytes: number
}

/** What is told while the image is read, in lines of JSON: how far it is, and in the end what an upload would have been answered. */
export type HandOverReport =
  | { readonly kind: 'Read'; readonly readBytes: number }
  | { readonly kind: 'Verdict'; readonly code: number; readonly body: string }

/** Where an embedded data center takes a `HandOver`, by POST on its local socket, with the token of an upload. 422: it cannot read the file. */
export const handOverPath = '/v1beta1/hand-over'
