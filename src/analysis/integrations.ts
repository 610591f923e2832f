// What lies outside: how each port that steps say they use answers, how it fails, and how often it is asked for one thing.

import { wilson } from '../statistics/proportion.ts'
import { intervalOf, percentilesOf, rounded } from './percentiles.ts'
import type { Place } from './figures.ts'
import type { PortReport } from './report-places.ts'
import type { Scene } from './scene.ts'
import type { Slices } from './slices.ts'

interface Port {
  readonly used: Place[]
  readonly breakers: Set<string>
  readonly latencies: number[]
  readonly errors: Map<string, number>
  attempts: number
  succeeded: number
  done: number
}

export function* integrationsOf({ survey, declared }: Scene): Slices<readonly PortReport[]> {
  const ports = new Map<string, Port>()
  for (const chain of declared.values()) {
    for (const step of chain.steps) {
      for (const name of step.uses ?? []) {
        const port = portOf(ports, name)
        port.used.push({ chain: chain.id, step: step.name })
        if (step.breaker !== undefined) port.breakers.add(step.breaker)
        for (const execution of survey.ended.get(chain.id) ?? []) {
          for (const attempt of execution.chain.attempts)
            if (attempt.step === step.name && !attempt.memo && !attempt.copied) count(port, attempt)
          yield
        }
      }
    }
  }
  const states = survey.evidence.breakers
  return Array.from(ports, ([port, { used, breakers, latencies, errors, attempts, succeeded, done }]) => {
    const available = wilson(succeeded, attempts)
    return {
      port,
      used,
      n: attempts,
      ...(available === undefined ? {} : { availability: intervalOf(available) }),
      latency: percentilesOf(latencies),
      errors: Array.from(errors, ([name, n]) => ({ class: name, n })).toSorted((a, b) => b.n - a.n),
      breakers: Array.from(states, ([id, state]) => ({ id, state })).filter(({ id }) =>
        [...breakers].some((one) => id === one || id.startsWith(`${one}/`)),
      ),
      ...(done === 0 ? {} : { amplification: rounded(attempts / done) }),
    }
  }).toSorted((a, b) => b.n - a.n)
}

type Attempt =
  Scene['survey']['runs'][number]['chains'] extends Map<string, infer C>
    ? C extends { readonly attempts: readonly (infer A)[] }
      ? A
      : never
    : never

function count(port: Port, { part, startedAt, outcome, took, failure, next }: Attempt): void {
  if (part !== undefined || startedAt === undefined) return
  if (outcome !== 'succeeded' && outcome !== 'failed' && outcome !== 'lost') return
  port.attempts++
  if (outcome === 'succeeded') {
    port.succeeded++
    if (took !== undefined) port.latencies.push(took)
  } else {
    const name = failure?.class ?? outcome
    port.errors.set(name, (port.errors.get(name) ?? 0) + 1)
  }
  if (outcome === 'succeeded' || (outcome === 'failed' && next !== 'retry')) port.done++
}

function portOf(ports: Map<string, Port>, name: string): Port {
  let port = ports.get(name)
  if (port === undefined) {
    const counts = { attempts: 0, succeeded: 0, done: 0 }
    port = { used: [], breakers: new Set(), latencies: [], errors: new Map(), ...counts }
    ports.set(name, port)
  }
  return port
}
