const program =
  '+rAB5ukuZg8BFtAADyDAZoPIAQ8iwGbqHgAPAAgAZrgQAI7YjsCO0LAC5um/AAABADHAuQAMAAD886vHBQAAAQADEAEAxwUAEAEAAyABAMcFACABAIMAAAC4AAAB' +
  'AA8i2A8g4IPIIA8i4LmAAADADzINAAEAAA8wDyDADQAAAIAPIsDqigAPABgAsAPm6UjHwwAAAgBIx8GA8PoCSIkLSP/JdfgxwA+isCrm9PTr/ZAAAAAAAAAAAP//' +
  'AAAAms8A//8AAACSzwD//wAAAJqvAB8AsAAPAAAA'

/** QEMU's exit code when the ROM came to its end: 0x2a written to isa-debug-exit, doubled plus one. */
export const probeExitCode = 85

/**
 * A 64 KiB firmware that goes from real through protected to long mode, stores 50 million times, asks CPUID and ends QEMU.
 * The loop is long on purpose: a KVM that interprets instructions gets through a short one.
 */
export function probeRom(): Buffer {
  const rom = Buffer.alloc(64 << 10)
  Buffer.from(program, 'base64').copy(rom)
  Buffer.from([0xea, 0x00, 0x00, 0x00, 0xf0]).copy(rom, 0xfff0)
  return rom
}
