/**
 * On a VirtualMachine whose import has not ended: when its importer last said that it goes on, and who that is. Every value
 * is a new one, so that who looks twice sees whether it does. The import's end takes it away.
 */
export const importingAnnotation = 'weir.dev/importing'
