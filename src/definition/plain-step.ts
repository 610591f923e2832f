// A step's options where its author says nothing, but for how often it is tried: once.

import { defaultBackoff } from './backoff.ts'
import type { StepOptionsSpec } from './spec.ts'

export const plainStep: StepOptionsSpec = {
  attempts: 1,
  backoff: defaultBackoff,
  idempotent: false,
  pure: false,
  stub: false,
  reads: [],
  writes: [],
  uses: [],
}
