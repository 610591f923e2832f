// One run, as it is or as it was right after any of its events.

import { awaitedOf, explain } from '../../engine/runs/explain.ts'
import { toEvent } from '../../journal/encoding.ts'
import type { JournalEvent } from '../../journal/event.ts'
import type { RunHead } from '../../journal/store.ts'
import { CatenaryError } from '../../kernel/errors.ts'
import { type ChainTimeline, type RunTimeline, chainsInOrder, timelineOf } from '../../observe/timeline.ts'
import type { RunChainView, RunView, Span, Standing } from '../protocol.ts'
import { activeStates, type Waiting } from './active-states.ts'
import type { Charts } from './charts.ts'
import { rootFailuresOf } from './root-failures.ts'
import { rowOf } from './row.ts'
import { shown, type ViewSource } from './source.ts'
import { spansOf } from './spans.ts'

/** @param asked `at=<seq>`: as it was right after that event. Default as it is. */
export async function viewRun(
  source: ViewSource,
  charts: Charts,
  run: string,
  asked: URLSearchParams,
): Promise<RunView> {
  const [head, rows] = await Promise.all([source.reader.head(run), source.reader.rows(run, 0)])
  const all = rows.map(toEvent)
  const first = all[0]
  const last = all.at(-1)
  if (head === undefined || first === undefined || last === undefined)
    throw new CatenaryError('RUN_UNKNOWN', `there is no run ${run} in this store`)
  const until = asked.get('at') === null ? last.seq : Math.max(first.seq, Number(asked.get('at')) || 0)
  const events = until >= last.seq ? all : all.filter(({ seq }) => seq <= until)
  const timeline = timelineOf(events)
  if (timeline === undefined)
    throw new CatenaryError(
      'STORE_CORRUPT',
      `run ${run} does not begin with its acceptance: restore the store from a backup`,
    )
  const isLast = events.length === all.length
  const now = isLast ? source.now() : timeline.at
  const why = explain(timeline, isLast ? awaitedOf(head) : [], now)
  const spans = spansOf(source, events)
  const views = inOrder(timeline).map(async (chain) =>
    viewChain(source, charts, chain, spans.get(chain.node.key) ?? [], why.causes, timeline),
  )
  const [chainViews, lastGood] = await Promise.all([Promise.all(views), lastGoodOf(source, head)])
  return {
    ...rowOf(head),
    ...(isLast ? {} : pastRow(timeline)),
    at: { seq: events.at(-1)?.seq ?? first.seq, time: timeline.at, last: isLast },
    firstSeq: first.seq,
    lastSeq: last.seq,
    why: { sentence: why.sentence, causes: why.causes as never },
    failures: rootFailuresOf(timeline),
    ...shown(source, 'input', timeline.state.input, { run }),
    ...shown(source, 'output', outputOf(events), { run }),
    chainViews,
    ...(lastGood === undefined ? {} : { lastGood }),
  }
}

/** As they began; those that have not, each after what it needs. */
function inOrder(timeline: RunTimeline): readonly ChainTimeline[] {
  const { nodes } = timeline.state
  const depths = new Map<string, number>()
  const depthOf = (key: string): number => {
    const known = depths.get(key)
    if (known !== undefined) return known
    depths.set(key, 0)
    const depth = Math.max(-1, ...(nodes.get(key)?.needs ?? []).map((need) => depthOf(need.key))) + 1
    depths.set(key, depth)
    return depth
  }
  return chainsInOrder(timeline).toSorted((a, b) =>
    a.startedAt === undefined && b.startedAt === undefined ? depthOf(a.node.key) - depthOf(b.node.key) : 0,
  )
}

function outputOf(events: readonly JournalEvent[]): string | undefined {
  const end = events.findLast(({ type }) => type === 'run.ended' || type === 'run.retried')
  return end?.type === 'run.ended' ? end.payload : undefined
}

/** What the head says is of today; of another moment the timeline says it. */
function pastRow({ state, chains }: RunTimeline): Pick<RunView, 'status' | 'endedAt' | 'wakeAt' | 'signals'> {
  const { ended, parked, paused } = state
  const moving = [...chains.values()].some(({ steps }) =>
    [...steps.values()].some(({ open }) =>
      [...open.values()].some(({ phase }) => phase === 'running' || phase === 'queued'),
    ),
  )
  const status: Standing =
    ended?.status ?? parked?.reason ?? (paused ? 'paused' : moving ? 'running' : 'waiting')
  return { status, endedAt: ended?.at ?? null, wakeAt: null, signals: [] }
}

async function viewChain(
  source: ViewSource,
  charts: Charts,
  timeline: ChainTimeline,
  spans: readonly Span[],
  causes: ReturnType<typeof explain>['causes'],
  { state }: RunTimeline,
): Promise<RunChainView> {
  const { node, startedAt, endedAt } = timeline
  const mine = causes.filter((cause) => 'chain' in cause && cause.chain === node.key)
  const waits = mine.flatMap((cause): Waiting[] =>
    cause.kind === 'signal' && cause.step !== '' ? [{ step: cause.step, since: cause.since }] : [],
  )
  const machine = mine.find((cause) => cause.kind === 'machine')
  const place = { run: state.run, chain: node.key }
  const chart = await charts(node.chain)
  const active = activeStates(timeline, chart, waits)
  const open = waits
    .filter(({ step }) => !spans.some((span) => span.step === step && span.to === undefined))
    .map(({ step, since }): Span => ({ step, attempt: 1, phase: 'waiting', from: since }))
  const sent = machine === undefined ? [] : machine.takes
  return {
    key: node.key,
    chain: node.chain,
    version: node.version,
    status: standingOf(timeline, state, mine),
    needs: node.needs.map(({ name, key, kind }) => ({ name, key, kind })),
    ...(node.call === undefined ? {} : { call: node.call }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(node.failure === undefined
      ? {}
      : {
          failure: source.show(
            {
              message: node.failure.message,
              kind: node.failure.kind,
              ...(node.step === undefined || node.step === '' ? {} : { step: node.step }),
              ...(node.failure.stack === undefined ? {} : { stack: node.failure.stack }),
            },
            { ...place, what: 'event' },
          ) as NonNullable<RunChainView['failure']>,
        }),
    ...shown(source, 'input', node.input, place),
    ...shown(source, 'output', node.output, place),
    spans: [
      ...spans.map((span) => (isWait(span, waits) ? { ...span, phase: 'waiting' as const } : span)),
      ...open,
    ],
    active,
    accepts: [...new Set([...waits.map(({ step }) => step), ...sent])],
    timers: timersOf(timeline, waits),
  }
}

const isWait = ({ step, phase, to }: Span, waits: readonly Waiting[]): boolean =>
  phase === 'sleeping' && to === undefined && waits.some((wait) => wait.step === step)

function standingOf(
  { node, steps, due }: ChainTimeline,
  state: RunTimeline['state'],
  causes: ReturnType<typeof explain>['causes'],
): Standing {
  if (node.status !== 'running') return node.status
  if (state.parked !== undefined) return state.parked.reason
  if (state.paused) return 'paused'
  const phases = [...steps.values()].flatMap(({ open }) => [...open.values()].map(({ phase }) => phase))
  if (phases.includes('running') || phases.includes('calling')) return 'running'
  const waits =
    due !== undefined ||
    phases.length > 0 ||
    causes.some(({ kind }) => kind === 'signal' || kind === 'machine')
  return waits ? 'waiting' : 'running'
}

function timersOf({ steps, due }: ChainTimeline, waits: readonly Waiting[]): RunChainView['timers'] {
  const timers = [...steps.values()].flatMap((step) => {
    const waited = waits.some((wait) => wait.step === step.name)
    return [...step.open].flatMap(([item, { due: at, phase }]) => {
      if (at === undefined) return []
      const comes = phase === 'backing-off' ? 'tries again' : waited ? 'times out' : 'is due'
      return [{ name: `${step.name}${item === '' ? '' : ` ${item}`} ${comes}`, due: at }]
    })
  })
  const next = due === undefined ? [] : [{ name: 'the next delay', due }]
  return [...timers, ...next].toSorted((a, b) => a.due - b.due)
}

/** The last run of the same targets that succeeded before it. */
async function lastGoodOf({ reader }: ViewSource, head: RunHead): Promise<string | undefined> {
  const [chain = ''] = head.chain.split(',')
  const heads = await reader.heads({ status: ['succeeded'], chain, before: head.run, limit: 20 })
  return heads.find((one) => one.chain === head.chain)?.run
}
