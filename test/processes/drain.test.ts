// A process that is told to end by SIGTERM: what may end does, what may not goes on in the next, and its exit is clean.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { attemptsIn } from '../crash/attempts.ts'
import { audit, type Left } from '../crash/audit.ts'
import { imageOf } from '../crash/image.ts'
import { startProcess } from './process.ts'

const file = new URL('./jobs/drain.ts', import.meta.url)

test(
  'SIGTERM lets short attempts end, aborts long ones after their drain, and loses nothing of either',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'catenary-drain-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const store = join(folder, 'app.db')
    const counter = join(folder, 'counter')
    const env = { CATENARY_COUNT_FILE: counter }
    const lines = (): readonly string[] => readFileSync(counter, 'utf8').split('\n').slice(0, -1)
    const left: Left[] = []

    const first = startProcess(file, [store, '600000'], env)
    await first.said('up')
    first.signal('SIGTERM')
    expect(await first.ended).toBe(0)
    expect(first.lines).toContain('stopped')
    left.push({ image: await imageOf(store), lines: lines().length })
    const { succeeded } = attemptsIn(left[0]?.image.rows ?? [])
    expect([...succeeded.keys()]).toEqual(['short/short/work'])
    expect(left[0]?.image.heads.map(({ run, status }) => `${run} ${status}`).toSorted()).toEqual([
      'asleep running',
      'long running',
      'short succeeded',
    ])

    const next = startProcess(file, [store, '10'], env)
    expect(await next.ended).toBe(0)
    left.push({ image: await imageOf(store), lines: lines().length })
    expect(audit(lines(), left)).toEqual([])
    expect(left[1]?.image.heads.every(({ status }) => status === 'succeeded')).toBe(true)
  },
)
