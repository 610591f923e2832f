// What is to be said of a journal, without anything that runs.

import { type Asking, evaluate } from '../../src/analysis/evaluate.ts'
import { createEvidence } from '../../src/analysis/evidence.ts'
import type { Report } from '../../src/analysis/report.ts'
import { atOnce } from '../../src/analysis/slices.ts'
import type { JournalEvent } from '../../src/journal/event.ts'

export function reportOf(events: readonly JournalEvent[], asking: Asking): Report {
  const evidence = createEvidence()
  for (const event of events) evidence.apply(event)
  return atOnce(evaluate(evidence, asking))
}
