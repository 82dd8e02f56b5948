/**
 * Disk and appliance formats as streams that are read once, front to back, in bounded memory. Words: grain (the unit of a VMDK),
 * block (bytes and their place on the raw disk), target (takes blocks), appliance (an OVF descriptor and its disks). It knows
 * nothing of virtual machines or the API, and runs one foreign program: qemu-img, for formats that are not streams.
 */
export { type ApplianceEvent, openOva } from './appliance/open-ova.ts'
export { openOvf } from './appliance/open-ovf.ts'
export { peekAlgorithms } from './appliance/peek-algorithms.ts'
export { type OvaFile, writeOva } from './appliance/write-ova.ts'
export { boundToUs } from './tool/bound-tool.ts'
export { fileTarget, type ImageTarget } from './stream/image-target.ts'
export { parseXml, type XmlElement } from './ovf/parse-xml.ts'
export { importVmdkStream, type ImportOptions, type ImportResult } from './vmdk/import-vmdk-stream.ts'
export type { ImageLimits } from './vmdk/stream-preface.ts'
export { writeVmdkStream } from './vmdk/write-vmdk-stream.ts'
