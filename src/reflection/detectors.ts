// Every detector, one a row; the table with its evidence is in docs/reflector.md.

import type { Detector } from './detector.ts'
import { cacheableStep } from './detectors/cacheable-step.ts'
import { criticalHotspot } from './detectors/critical-hotspot.ts'
import { falseDependency } from './detectors/false-dependency.ts'
import { futileRetry } from './detectors/futile-retry.ts'
import { timeoutTooLoose } from './detectors/timeout-too-loose.ts'
import { timeoutTooTight } from './detectors/timeout-too-tight.ts'
import { underConcurrency } from './detectors/under-concurrency.ts'

export const detectors: readonly Detector[] = [
  criticalHotspot,
  falseDependency,
  timeoutTooTight,
  timeoutTooLoose,
  futileRetry,
  underConcurrency,
  cacheableStep,
]
