// Documents fall into sections by their headings, however those are written, and only by headings.

import { expect, test } from 'vitest'
import { split } from '../../../examples/docs-search/text/split.ts'

const headings = (markdown: string): readonly string[] =>
  split(markdown).map(({ level, heading }) => `${level} ${heading}`)

test('each heading begins a section with its own level and anchor', () => {
  expect(split('intro\n\n# One\n\nfirst\n\n## Two *b*\nsecond\n')).toEqual([
    { heading: '', level: 0, anchor: '', text: 'intro' },
    { heading: 'One', level: 1, anchor: 'one', text: 'first' },
    { heading: 'Two b', level: 2, anchor: 'two-b', text: 'second' },
  ])
})

test('headings with the same words get anchors of their own', () => {
  expect(split('# Fixed\n\n# Fixed\n\n# Fixed\n').map(({ anchor }) => anchor)).toEqual([
    'fixed',
    'fixed-1',
    'fixed-2',
  ])
})

test('closing marks, missing spaces and indentation do not hide a heading', () => {
  expect(headings('## Closed ##\n   ### Indented\n##Tight\n#\n####### seven\n')).toEqual([
    '2 Closed',
    '3 Indented',
    '2 Tight',
    '1 ',
  ])
})

test('underlined headings are found, also over two lines', () => {
  expect(headings('Title\n=====\ntext\n\nA longer\nname\n---\nmore\n')).toEqual([
    '1 Title',
    '2 A longer name',
  ])
})

test('rules, tables and list items are not underlined headings', () => {
  const markdown = 'text\n\n---\n\n- item\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'
  expect(headings(markdown)).toEqual(['0 '])
})

test('nothing inside a fence is a heading, and only its own mark closes it', () => {
  const markdown =
    '````md\n# no\n```\n# no\n~~~\n````\n# yes\n~~~\n# no\n~~~\n  ```js\n# no\n  ```\n## also\n'
  expect(headings(markdown)).toEqual(['0 ', '1 yes', '2 also'])
})

test('a fence that is never closed runs to the end', () => {
  expect(split('# A\n```\ncode\n# B\n')).toEqual([{ heading: 'A', level: 1, anchor: 'a', text: 'code\n# B' }])
})

test('indented code is code, but a line that goes on a list item is not', () => {
  const markdown = 'para\n\n    # code\n\n- item\n\n    # also a heading of the item\n'
  expect(split(markdown)[0]?.text).toContain('# code')
})

test('HTML headings are found, also over several lines', () => {
  const markdown =
    '<h1 align="center">\n  <img src="logo.svg" alt="Logo">\n  The <b>Name</b>\n</h1>\ntext\n<h2>Usage</h2> go\n'
  expect(split(markdown)).toEqual([
    { heading: 'The Name', level: 1, anchor: 'the-name', text: 'text' },
    { heading: 'Usage', level: 2, anchor: 'usage', text: 'go' },
  ])
})

test('an HTML heading that is never closed is only text', () => {
  expect(headings(`<h1>open\n${'line\n'.repeat(30)}# Real\n`)).toEqual(['0 ', '1 Real'])
})

test('a heading that is only a picture is named after it', () => {
  expect(headings('# ![Chalk](logo.svg)\n\ntext\n')).toEqual(['1 Chalk'])
})

test('comments and front matter are left out', () => {
  const markdown = '---\ntitle: x\n---\n<!-- # no\n# no -->a <!-- b --> c\n# Yes\n'
  expect(split(markdown)).toEqual([
    { heading: '', level: 0, anchor: '', text: 'a c' },
    { heading: 'Yes', level: 1, anchor: 'yes', text: '' },
  ])
})

test('prose loses its marks, and code keeps every character', () => {
  const markdown =
    'See [the **docs**](x "t") and ![a cat](c.png), `<T>` or <b>b</b> &amp; \\*.\n[![build](b)](c)\n\n```ts\nconst a: Map<T, U[]> = x\n```\n'
  expect(split(markdown)[0]?.text).toBe('See the docs and a cat, <T> or b & *.\nconst a: Map<T, U[]> = x')
})

test('hostile documents take no more than linear time', () => {
  const hostile = ['`'.repeat(9), '[', '<', '![', '](', '*a', '_ ', '# ', '<h1 ', '<!--', '> ']
  const begun = performance.now()
  for (const piece of hostile) split(piece.repeat(200_000 / piece.length))
  split(Array.from({ length: 700 }, (_, length) => '`'.repeat(length)).join(' '))
  expect(performance.now() - begun).toBeLessThan(5_000)
})
