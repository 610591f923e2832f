import { expect, test } from 'vitest'
import { addText, fingerprint, printed, unprinted } from '../../src/observe/fingerprint.ts'

test('texts that differ have fingerprints that differ, short and long, also where they differ by one character', () => {
  const texts = new Set<string>()
  for (let n = 0; n < 60_000; n++) for (const text of [`${n}`, `{"n":${n}}`]) texts.add(text)
  const text = 'abcdefghijklmnop'.repeat(70)
  for (const base of [text, text.slice(0, 900)])
    for (let at = 0; at < base.length; at++) texts.add(`${base.slice(0, at)}!${base.slice(at + 1)}`)
  const prints = new Set([...texts].map(fingerprint))
  expect(prints.size).toBe(texts.size)
  for (const print of prints) expect(print).toMatch(/^[0-9a-f]{16}$/)
})

test('equal texts have the same fingerprint, in every process', () => {
  expect(['', '1', '{"a":1}', 'é'.repeat(2_000)].map(fingerprint)).toEqual([
    fingerprint(''),
    fingerprint('1'),
    fingerprint(JSON.stringify({ a: 1 })),
    fingerprint('é'.repeat(2_000)),
  ])
  expect(fingerprint('{"a":1}')).toBe('7cc1d846de3034b7')
})

test('what is put together from parts has the fingerprint of the whole', () => {
  const print = unprinted()
  for (const part of ['{"a"', ':', '', '1}']) addText(print, part)
  expect(printed(print)).toBe(fingerprint('{"a":1}'))
})
