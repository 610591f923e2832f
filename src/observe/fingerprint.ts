// Tells texts apart by a few digits, cheaply: for what is compared within one store, and never for keys.

import { hash } from '../kernel/codec.ts'

/** From so many characters on the native digest is faster. */
const long = 1_000

/**
 * 16 hex digits; the same for equal texts, in every process. Of a million different texts two share theirs with a chance
 * of 3 in 10^8. Short ones by cyrb53's mixing (public domain, bryc) with all 64 bits kept.
 */
export function fingerprint(text: string): string {
  if (text.length >= long) return hash(text).slice(0, 16)
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(a ^ unit, 2_654_435_761)
    b = Math.imul(b ^ unit, 1_597_334_677)
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909)
  return (a >>> 0).toString(16).padStart(8, '0') + (b >>> 0).toString(16).padStart(8, '0')
}
