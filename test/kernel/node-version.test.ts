import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseOldNode } from '../../src/kernel/node-version.ts'

test.each(['20.20.2', '22.17.9', '18.0.0', '22.4.0'])('Node %s is too old, and that is said', (version) => {
  expect(() => refuseOldNode(version)).toThrow(
    expect.objectContaining({
      code: 'NODE_TOO_OLD',
      message: `Catenary needs Node 22.18 or newer, and this is ${version}: update Node`,
    }),
  )
})

test.each(['22.18.0', '22.20.1', '24.0.0', '26.1.0-nightly'])('Node %s will do', (version) => {
  expect(() => refuseOldNode(version)).not.toThrow()
})

test('what is refused is what package.json asks for', () => {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')
  expect((JSON.parse(text) as { engines: { node: string } }).engines.node).toBe('>=22.18')
})
