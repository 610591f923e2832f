// Whatever the encoding, the text comes out, and anything but clean UTF-8 is said.

import { expect, test } from 'vitest'
import { decode } from '../../../examples/docs-search/text/decode.ts'

const text = '# Café\nnaïve résumé über alles\n'

function bigEndian(given: string): Uint8Array {
  return Buffer.from(given, 'utf16le').swap16()
}

test('clean UTF-8 is read without a note', () => {
  expect(decode(Buffer.from(text))).toEqual({ kind: 'text', text, encoding: 'utf-8' })
})

test('a byte order mark is taken off and noted', () => {
  expect(decode(Buffer.from(`\uFEFF${text}`))).toMatchObject({
    text,
    encoding: 'utf-8',
    note: 'begins with a byte order mark',
  })
})

test('UTF-16 is read in both byte orders, with a mark and without', () => {
  const marked = `\uFEFF${text}`
  expect(decode(Buffer.from(marked, 'utf16le'))).toMatchObject({ text, note: 'is UTF-16LE' })
  expect(decode(bigEndian(marked))).toMatchObject({ text, note: 'is UTF-16BE' })
  expect(decode(Buffer.from(text, 'utf16le'))).toMatchObject({ text, note: 'is UTF-16LE without a mark' })
  expect(decode(bigEndian(text))).toMatchObject({ text, note: 'is UTF-16BE without a mark' })
})

test('latin1 is read as what its author saw', () => {
  expect(decode(Buffer.from(text, 'latin1'))).toMatchObject({
    text,
    encoding: 'windows-1252',
    note: 'is latin1',
  })
})

test('UTF-8 with some damage keeps all that is whole', () => {
  const damaged = Buffer.concat([Buffer.from('déjà vu '), Buffer.from([0xff]), Buffer.from(' über')])
  expect(decode(damaged)).toMatchObject({
    text: 'déjà vu \uFFFD über',
    encoding: 'utf-8',
    note: 'has 1 bytes that are not UTF-8',
  })
})

test('a character torn apart by the cap is left out without a note', () => {
  const torn = Buffer.from('über é').subarray(0, -1)
  expect(decode(torn, true)).toEqual({ kind: 'text', text: 'über ', encoding: 'utf-8' })
})

test('bytes that are no text are told apart', () => {
  expect(decode(Uint8Array.from({ length: 512 }, (_, place) => place % 7))).toEqual({ kind: 'binary' })
})

test('an empty file is empty text', () => {
  expect(decode(new Uint8Array())).toEqual({ kind: 'text', text: '', encoding: 'utf-8' })
})

test('all three ends of a line become one, and NUL goes', () => {
  expect(decode(Buffer.from(`a\r\nb\rc\nd${' '.repeat(200)}\0`))).toMatchObject({
    text: `a\nb\nc\nd${' '.repeat(200)}`,
  })
})
