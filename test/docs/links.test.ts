import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { pages } from '../../.ci/examples.ts'

const root = join(import.meta.dirname, '../..')

test.each([...pages(), 'AGENTS.md', 'CONTRIBUTING.md'])('what %s links to is there', (page) => {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
  const links = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link = '']) => link)
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})

/** As GitHub names them. */
const anchorsOf = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )

test.each([...pages(), 'AGENTS.md', 'CONTRIBUTING.md'])(
  'each place within a page that %s links to is there',
  (page) => {
    const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '')
    const links = [...text.matchAll(/\]\((?!\w+:)([^)#\s]*\.md)?#([^)\s]+)\)/g)]
    const lost = links.filter(([, to, anchor = '']) => {
      const at = to === undefined ? page : join(dirname(page), to)
      return !anchorsOf(readFileSync(join(root, at), 'utf8')).has(anchor)
    })
    expect(lost.map(([link]) => link)).toEqual([])
  },
)
