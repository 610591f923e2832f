// Relative links are found in all their forms, and none where it is only shown as code.

import { expect, test } from 'vitest'
import { relativeLinks, targetOf } from '../../../examples/docs-search/text/links.ts'

test('links, images, definitions and HTML are all found, each once', () => {
  const markdown = `
[a](docs/a.md) ![b](./b.png "title") [c](<my file.md>) [d]( d.md 'x' ) [again](docs/a.md)
[e][ref] [![badge](badge.svg)](LICENSE) [f](wiki_(disambiguation).md)

[ref]: ../ref.md
<img src="logo.svg"><a class="x" href='guide.md#top'>g</a>
`
  expect(relativeLinks(markdown)).toEqual([
    'docs/a.md',
    './b.png',
    'my file.md',
    'd.md',
    'badge.svg',
    'LICENSE',
    'wiki_(disambiguation).md',
    '../ref.md',
    'logo.svg',
    'guide.md#top',
  ])
})

test('addresses elsewhere and anchors are not relative', () => {
  expect(relativeLinks('[a](https://a.b) [b](//c.d) [c](#x) [d](mailto:a@b) [e](?q) [f]()')).toEqual([])
})

test('what is shown as code, in a comment or in a footnote is no link', () => {
  const markdown = '`[a](a.md)`\n\n```\n[b](b.md)\n```\n\n    [c](c.md)\n\n<!-- [d](d.md) -->\n[^1]: e.md\n'
  expect(relativeLinks(markdown)).toEqual([])
})

test('brackets that begin no link are passed over', () => {
  expect(relativeLinks('f[i](x y) a](b\n[c](d.md)')).toEqual(['d.md'])
})

test('a target is resolved from its document, without query and fragment', () => {
  expect(targetOf('docs/a.md', '../b%20c.md?x#y')).toEqual({ path: 'b c.md' })
  expect(targetOf('docs/a.md', '/root.md')).toEqual({ path: 'root.md' })
  expect(targetOf('README.md', './')).toEqual({ path: './' })
})

test('a target that cannot be in the package says why', () => {
  expect(targetOf('README.md', '../other/x.md')).toEqual({ why: 'leaves the package' })
  expect(targetOf('README.md', '%zz')).toEqual({ why: 'is not a valid URL' })
  expect(targetOf('README.md', 'a%00b')).toEqual({ why: 'is not a valid path' })
})
