// The page shows whatever packages say of themselves, and is never changed by it.

import { expect, test } from 'vitest'
import { compose, type Findings } from '../../../examples/docs-search/report/compose.ts'
import { page } from '../../../examples/docs-search/report/page.ts'
import { number, plural } from '../../../examples/docs-search/report/markup.ts'

const hostile = '"><script>alert(1)</script>'
const chunk = { file: 'chunks/a.json', bytes: 1, hash: 'a' }

function findings(change: Partial<Findings> = {}): Findings {
  const one = { path: hostile, name: hostile, version: hostile, documents: 1, sections: 2, characters: 3 }
  const recovery = { package: hostile, reason: hostile, action: 'skip', outcome: hostile } as const
  const best = {
    ...one,
    file: hostile,
    anchor: '',
    heading: `<mark>${hostile}</mark>`,
    snippet: `a <mark>word</mark> ${hostile}`,
  }
  return {
    parsed: { packages: [{ ...one, chunk, recoveries: [] }], recoveries: [recovery] },
    copies: [],
    links: {
      [hostile]: { checked: 2, broken: 1, examples: [{ file: hostile, target: hostile, why: hostile }] },
    },
    answers: [{ question: hostile, expected: hostile, place: 1, best }],
    named: 1,
    licenses: [{ path: hostile, license: hostile, from: 'package.json' }],
    aliases: [{ path: hostile, to: hostile }],
    lockfile: { compared: true, listed: 1, missing: [hostile], extra: [hostile] },
    left: 1,
    ...change,
  }
}

test('nothing that a package says becomes markup, but found words are marked', () => {
  const written = page(compose(findings()))
  expect(written).not.toContain('<script>alert')
  expect(written.match(/<script>/g)).toHaveLength(1)
  expect(written).toContain('a <mark>word</mark> &quot;&gt;&lt;script&gt;')
})

test('the same findings give the same page', () => {
  expect(page(compose(findings()))).toBe(page(compose(findings())))
})

test('the page stands alone and knows light and dark', () => {
  const written = page(compose(findings()))
  expect(written).not.toMatch(/(?:src|href)="(?!#)/)
  expect(written).toContain('color-scheme: light dark')
})

test('a report without licences, questions and faults says so', () => {
  const empty = findings({
    licenses: undefined,
    answers: [{ question: 'q', expected: 'absent', place: null }],
    parsed: { packages: [], recoveries: [] },
    links: {},
    lockfile: { compared: false, listed: 0, missing: [], extra: [] },
  })
  const written = page(compose(empty))
  expect(written).toContain('Not found out this time')
  expect(written).toContain('Not asked, because the package with the answer is not there: absent.')
  expect(written).toContain('Every package was read without any.')
  expect(written).toContain('All relative links lead to something')
  expect(written).toContain('There is no lockfile')
})

test('the true number of broken links is shown, also where only examples are kept', () => {
  const examples = [{ file: 'README.md', target: 'a.md', why: 'not in the package' }]
  const written = page(compose(findings({ links: { [hostile]: { checked: 900, broken: 801, examples } } })))
  expect(written).toContain('<td class="n">801</td>')
  expect(written).toContain('and 800 more')
})

test('numbers are written the same everywhere', () => {
  expect([number(7), number(1234), number(1234567)]).toEqual(['7', '1,234', '1,234,567'])
  expect([plural(1, 'package'), plural(2000, 'package')]).toEqual(['1 package', '2,000 packages'])
})
