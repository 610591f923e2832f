// What may be typed, and what is refused with its cure.

import { expect, test } from 'vitest'
import { readArguments } from '../../../examples/docs-search/arguments.ts'

const places = { root: 'node_modules', dir: '.catenary/docs-search' }

test('nothing typed means everything with its defaults', () => {
  expect(readArguments([])).toEqual({ kind: 'run', input: places, fresh: false, stay: false })
})

test('places, limit and fresh are read', () => {
  expect(readArguments(['--root', 'x', '--dir=y', '--limit', '3', '--fresh'])).toEqual({
    kind: 'run',
    input: { root: 'x', dir: 'y', limit: 3 },
    fresh: true,
    stay: false,
  })
})

test('a question is read, in short too', () => {
  const asked = { kind: 'query', input: places, question: 'abort signal', json: false }
  expect(readArguments(['--query', 'abort signal'])).toEqual(asked)
  expect(readArguments(['-q', 'abort signal'])).toEqual(asked)
})

test('help comes before all else', () => {
  expect(readArguments(['--query', 'x', '-h'])).toEqual({ kind: 'help' })
})

test.each([
  [['--nonsense'], /--nonsense/],
  [['--limit'], /limit/],
  [['--limit', 'many'], /--limit "many" is no number of packages/],
  [['--limit', '0'], /whole one from 1/],
  [['--query', ' '], /--query is empty/],
  [['--root', ''], /--root is empty/],
  [['abort', 'signal'], /"abort signal" is no option: to ask for it, say --query "abort signal"/],
  [['--query', 'x', '--fresh', '--limit', '2'], /--fresh and --limit cannot go with --query/],
  [['--json'], /--json goes with --query only/],
  [['--fresh=yes'], /fresh/],
])('%j is refused with its cure', (given, problem) => {
  const request = readArguments(given)
  expect(request.kind).toBe('refused')
  expect(request.kind === 'refused' ? request.problem : '').toMatch(problem)
})
