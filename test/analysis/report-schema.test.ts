import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { Report } from '../../src/analysis/report.ts'
import { createVitals } from '../../src/kernel/clock-vitals.ts'
import { busyJournal } from './journals.ts'
import { reportOf } from './reported.ts'
import { reportSchema } from './report-schema.ts'

const file = join(import.meta.dirname, '../../docs/report.schema.json')

test('docs/report.schema.json is the schema of reports; CATENARY_WRITE=1 writes it anew', () => {
  const text = `${JSON.stringify(z.toJSONSchema(reportSchema), null, 2)}\n`
  if (process.env['CATENARY_WRITE'] === '1') writeFileSync(file, text)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(text))
})

test('every report fits its schema, with nothing that it does not know', async () => {
  const vitals = createVitals()
  let since: Report | undefined
  for (let seed = 1; seed <= 4; seed++) {
    const { events, now } = await busyJournal(seed)
    const report = reportOf(events, { now, since, vitals: vitals.read(now) })
    expect(reportSchema.parse(report)).toEqual(report)
    since = report
  }
  vitals.stop()
  expect(reportSchema.safeParse({ ...since, colour: 'red' }).success).toBe(false)
})
