// An event in few words: its tone, and where it happened.

import type { EventRow } from '../../src/inspector/protocol.ts'

export function toneOf({ type, body }: EventRow): string {
  if (/failed|lost|parked/.test(type) || body['status'] === 'failed') return 'tone-bad'
  if (type.endsWith('.succeeded') || body['status'] === 'succeeded') return 'tone-ok'
  if (type.startsWith('signal.')) return 'tone-act'
  return ''
}

export function placeOf({ chain, step, item, attempt }: EventRow): string {
  if (chain === undefined) return ''
  const at = step === undefined ? chain : `${chain} / ${step}`
  return `${at}${item === undefined ? '' : ` [${item}]`}${attempt === undefined || attempt === 1 ? '' : ` #${attempt}`}`
}
