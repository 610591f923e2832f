// A question becomes a query that finds identifiers by their parts, and that nothing typed can break.

import { expect, test } from 'vitest'
import { identifierParts, matchOf, partsOf, wordsOf } from '../../../examples/docs-search/search/words.ts'

test('compound identifiers fall into their parts', () => {
  expect(partsOf('AbortSignal')).toEqual(['Abort', 'Signal'])
  expect(partsOf('parseHTMLText')).toEqual(['parse', 'HTML', 'Text'])
  expect(partsOf('plain')).toEqual(['plain'])
})

test('a text gives the parts of each of its identifiers once', () => {
  expect(identifierParts('use AbortSignal, AbortSignal or abortController')).toBe(
    'Abort Signal abort Controller',
  )
})

test('words side by side count beside the words on their own', () => {
  expect(matchOf(['abort', 'signal'], 'all')).toBe('"abort signal" OR ("abort" AND "signal")')
  expect(matchOf(['AbortSignal'], 'all')).toBe('("AbortSignal" OR ("Abort" AND "Signal"))')
})

test('words that tell nothing are not asked for, unless there are no others', () => {
  expect(matchOf(['the', 'signal'], 'any')).toBe('"the signal" OR ("signal")')
  expect(matchOf(['the', 'it'], 'all')).toBe('"the it" OR ("the" AND "it")')
})

test('signs and operators are no words', () => {
  expect(wordsOf('NEAR("a" * -b:^c) { über')).toEqual(['NEAR', 'a', 'b', 'c', 'über'])
})
