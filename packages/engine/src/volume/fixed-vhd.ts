const footerBytes = 512
/** The cookie of a VHD footer (Virtual Hard Disk Image Format Specification). */
const cookie = 'conectix'

/** Passes a raw image on, and throws at its end if it is a fixed VHD: a raw image with a footer, which would become a sector of the disk. */
export async function* refuseFixedVhd(
  chunks: AsyncIterable<Uint8Array>,
  refused: (reason: string) => Error,
): AsyncGenerator<Uint8Array> {
  let tail: Uint8Array = new Uint8Array()
  for await (const chunk of chunks) {
    // Copied: who takes the chunk may give its memory back.
    tail = Buffer.concat(chunk.length < footerBytes ? [tail, chunk] : [chunk.subarray(-footerBytes)]).subarray(-footerBytes)
    yield chunk
  }
  if (Buffer.from(tail).toString('latin1', 0, cookie.length) === cookie && tail.length === footerBytes)
    throw refused('it is a VHD image of fixed size; convert it to qcow2 first')
}
