// The counters by which a test outside proves that no step ran twice.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { counted } from '../../../examples/docs-search/counted.ts'

const place = { idempotencyKey: 'run/parse/read/@s/a', attempt: 2 }

function countFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'counted-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
    vi.unstubAllEnvs()
  })
  return join(folder, 'counts')
}

test('without a file to count in, the body itself is given back', () => {
  vi.stubEnv('CATENARY_COUNT_FILE', '')
  onTestFinished(() => void vi.unstubAllEnvs())
  const body = (): number => 1
  expect(counted(body)).toBe(body)
})

test('a body that ends leaves two lines, with its item and attempt', async () => {
  const file = countFile()
  vi.stubEnv('CATENARY_COUNT_FILE', file)
  const body = counted((item: string, _context: typeof place) => {
    expect(readFileSync(file, 'utf8')).toBe('run/parse/read/@s/a/2\n')
    return item
  })
  expect(await body('a', place)).toBe('a')
  expect(readFileSync(file, 'utf8')).toBe('run/parse/read/@s/a/2\ndone run/parse/read/@s/a/2\n')
})

test('a body that fails leaves only the line of its beginning', async () => {
  const file = countFile()
  vi.stubEnv('CATENARY_COUNT_FILE', file)
  const body = counted((_context: typeof place) => {
    throw new Error('no')
  })
  await expect(async () => body(place)).rejects.toThrow('no')
  expect(readFileSync(file, 'utf8')).toBe('run/parse/read/@s/a/2\n')
})
