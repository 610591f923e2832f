// A run for other programs: its chains and steps as plain data.

import type { RunState } from '../journal/run-state.ts'
import { decode } from '../kernel/codec.ts'
import type { StepTimeline } from '../observe/step-timeline.ts'
import { type ChainTimeline, type RunTimeline, chainsInOrder } from '../observe/timeline.ts'
import { failuresOf } from './run-report.ts'
import { isShown } from './step-text.ts'

/** @param status as the run's head has it. */
export function runJson(
  timeline: RunTimeline,
  status: string,
  now: number,
): Readonly<Record<string, unknown>> {
  const { state } = timeline
  return {
    run: state.run,
    targets: state.targets,
    status,
    acceptedAt: state.acceptedAt,
    endedAt: state.ended?.at ?? null,
    durationMs: (state.ended?.at ?? now) - state.acceptedAt,
    attributes: state.attributes,
    ...(state.origin === undefined ? {} : { origin: state.origin }),
    retries: timeline.retries,
    retriedAt: timeline.retriedAt ?? null,
    ...(state.ended?.status === 'succeeded' ? { output: outputOf(state) } : {}),
    ...(state.parked === undefined ? {} : { parked: state.parked }),
    failures: failuresOf(timeline),
    chains: chainsInOrder(timeline).map((chain) => chainJson(chain, now)),
  }
}

/** What a run that succeeded returned; by chain where it was asked for several. */
export function outputOf({ targets, several, nodes }: RunState): unknown {
  const outputs = targets.map((key) => {
    const payload = nodes.get(key)?.output
    return [key, payload === undefined ? undefined : decode(payload)] as const
  })
  return several ? Object.fromEntries(outputs) : outputs[0]?.[1]
}

function chainJson({ node, startedAt, endedAt, memo, steps }: ChainTimeline, now: number): object {
  return {
    key: node.key,
    chain: node.chain,
    version: node.version,
    status: node.status,
    needs: node.needs.map(({ key }) => key),
    startedAt: startedAt ?? null,
    endedAt: endedAt ?? null,
    durationMs: startedAt === undefined ? null : (endedAt ?? now) - startedAt,
    ...(memo === undefined ? {} : { memo }),
    ...(node.failure === undefined ? {} : { failure: node.failure, failedStep: node.step }),
    steps: Array.from(steps.values())
      .filter(isShown)
      .map((step) => stepJson(step, now)),
  }
}

function stepJson(step: StepTimeline, now: number): object {
  const { name, outcome, attempts, lost, hedged, fallback, memo, items, failure, startedAt, endedAt } = step
  return {
    name,
    status: outcome ?? 'open',
    attempts,
    lost,
    hedged,
    fallback,
    ...(memo === undefined ? {} : { memo }),
    ...(items === undefined ? {} : { items }),
    startedAt,
    endedAt: endedAt ?? null,
    durationMs: (endedAt ?? now) - startedAt,
    ...(failure === undefined ? {} : { lastFailure: failure }),
  }
}
