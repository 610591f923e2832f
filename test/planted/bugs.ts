// All planted bugs, by what they break.

import type { Bug } from './bug.ts'
import { attemptBugs } from './bugs/attempts.ts'
import { boundBugs } from './bugs/bounds.ts'
import { journalBugs } from './bugs/journal.ts'
import { runBugs } from './bugs/runs.ts'
import { saidBugs } from './bugs/said.ts'
import { waitBugs } from './bugs/waits.ts'

export const bugs: readonly Bug[] = [
  ...journalBugs,
  ...attemptBugs,
  ...boundBugs,
  ...waitBugs,
  ...runBugs,
  ...saidBugs,
]
