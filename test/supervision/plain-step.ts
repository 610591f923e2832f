// A step's options where its author says little: what tests of the config begin from.

import { defaultBackoff } from '../../src/definition/backoff.ts'
import type { StepOptionsSpec } from '../../src/definition/spec.ts'

export const plainStep: StepOptionsSpec = {
  attempts: 3,
  backoff: defaultBackoff,
  timeout: 100,
  idempotent: false,
  pure: false,
  stub: false,
  reads: [],
  writes: [],
  uses: [],
}
