/**
 * Disk and appliance formats as streams that are read once, front to back, in bounded memory. Words: grain (the unit of a VMDK),
 * block (bytes and their place on the raw disk), target (takes blocks), appliance (an OVF descriptor and its disks). It knows
 * nothing of virtual machines or the API, and runs one foreign program: qemu-img, for formats that are not streams.
 */
export { type ApplianceEvent, type FilePlace, openOva } from './appliance/open-ova.ts'
export { openOvaFile } from './appliance/open-ova-file.ts'
export { localFolder, openOvf, type PackageFile, type PackageFolder } from './appliance/open-ovf.ts'
export { type OvaFile, writeOva } from './appliance/write-ova.ts'
export { boundToUs } from './tool/bound-tool.ts'
export { identityOf, isSameFile } from './stream/file-identity.ts'
export { type FileRegion, readRegion } from './stream/file-region.ts'
export { patiently } from './stream/patiently.ts'
export { peek, type Peeked } from './stream/peek.ts'
export { openUrl, type WebFile, type WebOptions } from './web/open-url.ts'
export { webFolder } from './web/web-folder.ts'
export { fileTarget, type ImageTarget } from './stream/image-target.ts'
export { parseXml, type XmlElement } from './ovf/parse-xml.ts'
export { importVmdkStream, type ImportOptions, type ImportResult } from './vmdk/import-vmdk-stream.ts'
export type { ImageLimits } from './vmdk/stream-preface.ts'
export { writeVmdkStream } from './vmdk/write-vmdk-stream.ts'
