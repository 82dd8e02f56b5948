import type { Concern } from '@weir/estate'

/** What an import tells while it goes on. */
export type ImportEvent =
  | { readonly kind: 'Concern'; readonly concern: Concern }
  /** Something of an earlier import has the name; it is watched for `seconds` to see whether that goes on. */
  | { readonly kind: 'Looks'; readonly name: string; readonly seconds: number }
  /** What an earlier import left is deleted. */
  | { readonly kind: 'Replaces'; readonly name: string }
  | { readonly kind: 'Created'; readonly namespace: string; readonly name: string; readonly diskCount: number }
  /** `totalBytes` is absent if the source does not tell. */
  | { readonly kind: 'Progress'; readonly disk: string; readonly sentBytes: number; readonly totalBytes?: number }
  | { readonly kind: 'Filled'; readonly disk: string; readonly sentBytes: number; readonly millis: number }
  | {
      readonly kind: 'Done'
      readonly namespace: string
      readonly name: string
      readonly verified: boolean
      readonly started: boolean
    }
