import { sharedData } from '@weir/testkit/shared-data'

/** The path of a file or folder of placement data, or undefined with a line on the console where it is not at hand. */
export function findData(name: string): string | undefined {
  const path = sharedData(`placement/${name}`)
  if (path === undefined)
    console.log(`absent: placement/${name} (WEIR_SHARED_DATA names the folder that holds it); this part is left out`)
  return path
}
