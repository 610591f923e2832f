// Tells texts apart by a few digits, cheaply: for what is compared within one store, and never for keys.

import { hash } from '../kernel/codec.ts'

/** From so many characters on the native digest is faster. */
const long = 1_000

/** Two halves of 32 bits: of a fingerprint, or of one under way. */
export interface Halves {
  a: number
  b: number
}

/**
 * 16 hex digits; the same for equal texts, in every process. Of a million different texts two share theirs with a chance
 * of 3 in 10^8. Short ones by cyrb53's mixing (public domain, bryc) with all 64 bits kept.
 */
export function fingerprint(text: string): string {
  if (text.length >= long) return hash(text).slice(0, 16)
  const print = unprinted()
  addText(print, text)
  return printed(print)
}

/** Of nothing yet: for what is put together from parts, without a text of them all. */
export function unprinted(): Halves {
  return { a: 0xdeadbeef | 0, b: 0x41c6ce57 }
}

/** Texts one after another are as one; whoever must tell them apart adds what stands between them. */
export function addText(print: Halves, text: string): void {
  let { a, b } = print
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(a ^ unit, 2_654_435_761)
    b = Math.imul(b ^ unit, 1_597_334_677)
  }
  print.a = a
  print.b = b
}

/** @param unit a whole number of 32 bits. */
export function addUnit(print: Halves, unit: number): void {
  print.a = Math.imul(print.a ^ unit, 2_654_435_761)
  print.b = Math.imul(print.b ^ unit, 1_597_334_677)
}

/** The last mixing: nothing is added any more. */
export function finish(print: Halves): void {
  const { a, b } = print
  print.a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909)
  print.b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(print.a ^ (print.a >>> 13), 3_266_489_909)
}

/** Finishes it, in digits. */
export function printed(print: Halves): string {
  finish(print)
  return inHex(print)
}

const digits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
const digit = (of: number, at: number): number => digits[(of >>> at) & 15] as number

// in one call: `toString(16)` of numbers as large as these takes twenty times as long
function inHex({ a, b }: Halves): string {
  return String.fromCharCode(
    digit(a, 28),
    digit(a, 24),
    digit(a, 20),
    digit(a, 16),
    digit(a, 12),
    digit(a, 8),
    digit(a, 4),
    digit(a, 0),
    digit(b, 28),
    digit(b, 24),
    digit(b, 20),
    digit(b, 16),
    digit(b, 12),
    digit(b, 8),
    digit(b, 4),
    digit(b, 0),
  )
}
