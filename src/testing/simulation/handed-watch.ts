// Holds what a body is handed, of chains that its own needs and of steps before it, against what those have returned.

import type { StepContext } from '../../definition/context.ts'
import type { JournalEvent, Payload } from '../../journal/event.ts'
import type { PlanNode } from '../../journal/run-plan.ts'
import { decode } from '../../kernel/codec.ts'
import type { Proof } from './proof.ts'
import { type ChainShape, walkShapes } from './shape.ts'

export interface HandedWatch {
  see(event: JournalEvent): void
  /** Nothing of this run was seen. */
  forget(run: string): void
  /** The body of a step begins; chains that others call, and machines of the user's own, are not looked at. */
  handed(name: string, context: StepContext): void
}

type Ended = JournalEvent & { readonly type: 'chain.ended' }

export function createHandedWatch(proof: Proof, shapes: ReadonlyMap<string, ChainShape>): HandedWatch {
  const plans = new Map<string, ReadonlyMap<string, PlanNode>>()
  const ended = new Map<string, Ended>()
  /** What a chain is to be handed of those that it needs, as it stood when it began. */
  const needs = new Map<string, Readonly<Record<string, string>>>()
  const outputs = new Map<string, Payload | undefined>()

  const needsOf = (run: string, key: string): Readonly<Record<string, string>> => {
    const node = plans.get(run)?.get(key)
    const edges = (node?.needs ?? []).filter(({ kind }) => kind !== 'order')
    return Object.fromEntries(
      edges.map((edge) => {
        const end = ended.get(`${run} ${edge.key}`)
        const output = end?.status === 'succeeded' ? textOf(end.payload) : 'undefined'
        const settled = edge.kind === 'hard' && node?.rule !== 'all_success'
        return [edge.name, settled ? `${end?.status ?? 'not ended'} ${output}` : output]
      }),
    )
  }

  return {
    forget(run) {
      plans.delete(run)
      for (const kept of [ended, needs, outputs])
        for (const key of kept.keys()) if (key.startsWith(`${run} `)) kept.delete(key)
    },
    see(event) {
      const { run } = event
      if (event.type === 'run.accepted') plans.set(run, new Map(event.plan.map((node) => [node.key, node])))
      if (event.type === 'chain.ended') ended.set(`${run} ${event.chain}`, event)
      if (event.type === 'chain.started') needs.set(`${run} ${event.chain}`, needsOf(run, event.chain))
      if (event.type === 'attempt.succeeded')
        outputs.set(`${run} ${event.chain} ${event.step.replace(/:fallback$/, '')}`, event.payload)
    },
    handed(name, context) {
      const [run = '', key = '', step] = context.idempotencyKey.split('/')
      const shape = shapes.get(plans.get(run)?.get(key)?.chain ?? '')
      if (shape === undefined || shape.guest !== undefined || step !== name.replace(/:.*$/, '')) return
      // a step of a chain that it calls may have its name
      const own = [...walkShapes(shape.entries)].find((entry) => entry.name === step)
      if (own?.kind !== 'step' && (own?.kind !== 'each' || own.chain !== undefined)) return
      const of = (what: string, found: string, expected: string | undefined): void =>
        proof.check(
          'handed',
          found === expected,
          () => `${name} of ${key} of ${run} is handed ${found} of ${what}, and not ${expected ?? 'nothing'}`,
        )
      const given = (context.needs ?? {}) as Readonly<Record<string, unknown>>
      const rule = plans.get(run)?.get(key)?.rule
      for (const [from, expected] of Object.entries(needs.get(`${run} ${key}`) ?? {})) {
        const kind = plans
          .get(run)
          ?.get(key)
          ?.needs.find((edge) => edge.name === from)?.kind
        const settled = kind === 'hard' && rule !== 'all_success'
        of(from, settled ? settledText(given[from]) : (JSON.stringify(given[from]) ?? 'undefined'), expected)
      }
      const before = context.steps as Readonly<Record<string, unknown>>
      for (const entry of shape.entries) {
        const place = `${run} ${key} ${entry.name}`
        if (entry.kind !== 'step' || !Object.hasOwn(before, entry.name)) continue
        of(
          entry.name,
          JSON.stringify(before[entry.name]) ?? 'undefined',
          outputs.has(place) ? textOf(outputs.get(place)) : undefined,
        )
      }
    },
  }
}

function textOf(payload: Payload | undefined): string {
  return payload === undefined ? 'undefined' : (JSON.stringify(decode(payload)) ?? 'undefined')
}

/** The same of a chain that may have ended otherwise. */
function settledText(settled: unknown): string {
  const { status, output } = settled as { readonly status: string; readonly output?: unknown }
  const ended = status === 'pending' || status === 'running' ? 'not ended' : status
  return `${ended} ${JSON.stringify(output) ?? 'undefined'}`
}
