// Bytes to text, whatever the author's editor wrote: UTF-8, UTF-16, latin1, with or without a mark, or damaged.

/** What a file turned out to be. `note` is there for anything but clean UTF-8. */
export type Decoded =
  | { readonly kind: 'text'; readonly text: string; readonly encoding: string; readonly note?: string }
  | { readonly kind: 'binary' }

const sample = 4096

/**
 * Finds the encoding and decodes; never throws.
 *
 * @param cut true when the bytes end before the file does: a character torn apart at the end is then left out.
 */
export function decode(bytes: Uint8Array, cut = false): Decoded {
  const marked = byMark(bytes, cut)
  if (marked !== undefined) return marked
  const wide = wideness(bytes)
  if (wide === 'binary') return { kind: 'binary' }
  if (wide !== undefined)
    return found(read(wide, bytes, cut), wide, `is ${wide.toUpperCase()} without a mark`)
  try {
    return { kind: 'text', text: clean(read('utf-8', bytes, cut, true)), encoding: 'utf-8' }
  } catch {
    return narrow(bytes, cut)
  }
}

function byMark(bytes: Uint8Array, cut: boolean): Decoded | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) {
    const rest = decode(bytes.subarray(3), cut)
    return rest.kind === 'binary' || rest.note !== undefined
      ? rest
      : { ...rest, note: 'begins with a byte order mark' }
  }
  if (first === 0xff && second === 0xfe) return found(read('utf-16le', bytes, cut), 'utf-16le', 'is UTF-16LE')
  if (first === 0xfe && second === 0xff) return found(read('utf-16be', bytes, cut), 'utf-16be', 'is UTF-16BE')
  return undefined
}

/** UTF-16 of mostly western text has a zero in every other byte; other zeros mean that it is no text. */
function wideness(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | 'binary' | undefined {
  const head = bytes.subarray(0, sample)
  const pairs = head.length >> 1
  let even = 0
  let odd = 0
  for (const [place, byte] of head.entries()) {
    if (byte !== 0) continue
    if (place % 2 === 0) even++
    else odd++
  }
  if (even + odd === 0) return undefined
  if (odd > pairs * 0.4 && even < pairs * 0.05) return 'utf-16le'
  if (even > pairs * 0.4 && odd < pairs * 0.05) return 'utf-16be'
  return even + odd > head.length * 0.01 ? 'binary' : undefined
}

/** Not UTF-8 throughout: either UTF-8 with some damage, or an encoding of one byte a character. */
function narrow(bytes: Uint8Array, cut: boolean): Decoded {
  const lossy = read('utf-8', bytes, cut)
  let damaged = 0
  let beyondAscii = 0
  for (const character of lossy) {
    if (character === '\uFFFD') damaged++
    else if (character > '\u007F') beyondAscii++
  }
  if (beyondAscii >= damaged) return found(lossy, 'utf-8', `has ${damaged} bytes that are not UTF-8`)
  return found(read('windows-1252', bytes, false), 'windows-1252', 'is latin1')
}

function read(encoding: string, bytes: Uint8Array, cut: boolean, fatal = false): string {
  return new TextDecoder(encoding, { fatal }).decode(bytes, { stream: cut })
}

function found(text: string, encoding: string, note: string): Decoded {
  return { kind: 'text', text: clean(text), encoding, note }
}

/** Without what no index and no page can take: NUL, lone surrogates, and the three ways to end a line. */
function clean(text: string): string {
  return text.replaceAll('\0', '').replaceAll(/\r\n?/g, '\n').toWellFormed()
}
