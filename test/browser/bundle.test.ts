import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildInspector } from '../../.ci/build-inspector.ts'

let out = ''
let files: readonly { readonly name: string; readonly body: Buffer }[] = []

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'catenary-bundle-'))
  await buildInspector(out)
  files = readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ name: entry.name, body: readFileSync(join(entry.parentPath, entry.name)) }))
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

const sum = (sizes: readonly number[]): number => sizes.reduce((a, b) => a + b, 0)

test('the whole app is at most 150 kB, 60 kB compressed', () => {
  expect(files.length).toBeGreaterThan(3)
  expect(sum(files.map(({ body }) => body.length))).toBeLessThanOrEqual(150_000)
  expect(sum(files.map(({ body }) => gzipSync(body).length))).toBeLessThanOrEqual(60_000)
})

test('nothing in it is inline, and nothing of it comes from elsewhere', () => {
  const html = files.find(({ name }) => name === 'index.html')?.body.toString() ?? ''
  expect(html).toMatch(/<script type="module" crossorigin src="\.\/assets\/[^"]+\.js"><\/script>/)
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]+src=)/)
  for (const { name, body } of files) {
    const addresses = body.toString().match(/https?:\/\/[\w.-]+/g) ?? []
    // names of namespaces, which nobody loads
    expect(
      addresses.filter((one) => one !== 'http://www.w3.org'),
      name,
    ).toEqual([])
    expect(body.toString()).not.toMatch(/@import\s|url\(\s*["']?(?!\.|#|\/assets)/)
  }
})
