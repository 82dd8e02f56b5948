/** An object of a document whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>

/** Whether `value` is an object with fields: neither null nor a list. */
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
