// A step's options where its author says little: what tests of the config begin from.

import { plainStep as once } from '../../src/definition/plain-step.ts'
import type { StepOptionsSpec } from '../../src/definition/spec.ts'

export const plainStep: StepOptionsSpec = { ...once, attempts: 3, timeout: 100 }
