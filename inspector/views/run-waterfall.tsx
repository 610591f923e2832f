// Where did the time go: each chain and step on one line of time, queued, running and backing off told apart.

import { useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import type { RunChainView, RunView, Span } from '../../src/inspector/protocol.ts'
import { duration, rough } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { lookOf } from '../parts/status.tsx'
import { foldTime, type TimeScale } from '../graph/time-scale.ts'
import { route, withQuery } from '../state/route.ts'
import { tick } from '../state/tick.ts'

const working: ReadonlySet<Span['phase']> = new Set(['queued', 'running', 'backing-off'])

export function Waterfall({ view }: { readonly view: RunView }): JSX.Element {
  const end = view.endedAt ?? (view.at.last ? Math.max(view.at.time, tick.value) : view.at.time)
  const scale = useMemo(() => {
    const spans = view.chainViews.flatMap((chain) => chain.spans)
    const busy = spans
      .filter(({ phase }) => working.has(phase))
      .map(({ from, to }) => [from, to ?? end] as const)
    return foldTime(view.acceptedAt, end, busy)
  }, [view, end])
  const begun = view.chainViews.filter(({ startedAt, endedAt }) => (startedAt ?? endedAt) !== undefined)
  const pending = view.chainViews.filter(({ startedAt, endedAt }) => (startedAt ?? endedAt) === undefined)
  return (
    <section class="card waterfall" aria-label="Waterfall">
      <div class="fall-scroll" tabIndex={0} role="region" aria-label="Chains and steps by time">
        <div class={scale.folds.length > 0 ? 'fall-axis folded' : 'fall-axis'} aria-hidden="true">
          <div class="fall-label" />
          <div class="track">
            {scale.ticks.map((at) => (
              <span class="tick" key={at} style={{ left: percent(scale.at(at)) }}>
                {at === view.acceptedAt ? '0' : `+${duration(at - view.acceptedAt)}`}
              </span>
            ))}
            {scale.folds.map(({ from, to }) => (
              <span
                class="fold-word"
                key={from}
                style={{ left: percent((scale.at(from) + scale.at(to)) / 2) }}
              >
                ⫽ {rough(to - from)}
              </span>
            ))}
          </div>
        </div>
        <div class="fall-rows">
          <Folds scale={scale} />
          {begun.map((chain) => (
            <ChainRows key={chain.key} chain={chain} scale={scale} end={end} />
          ))}
          {pending.map((chain) => (
            <PendingRow key={chain.key} chain={chain} />
          ))}
        </div>
      </div>
      <Legend />
    </section>
  )
}

const percent = (share: number): string => `${(share * 100).toFixed(3)}%`

function Folds({ scale }: { readonly scale: TimeScale }): JSX.Element {
  return (
    <div class="folds">
      {scale.ticks.map((at) => (
        <i class="grid" key={at} style={{ left: percent(scale.at(at)) }} />
      ))}
      {scale.folds.map(({ from, to }) => (
        <span
          class="fold"
          key={from}
          title={`${duration(to - from)} in which nothing was at work`}
          style={{ left: percent(scale.at(from)), width: percent(scale.at(to) - scale.at(from)) }}
        />
      ))}
    </div>
  )
}

interface RowsProps {
  readonly chain: RunChainView
  readonly scale: TimeScale
  readonly end: number
}

function ChainRows({ chain, scale, end }: RowsProps): JSX.Element {
  const { key, status, startedAt, endedAt, spans, call } = chain
  const { query } = route.value
  const look = lookOf(status)
  const steps = Map.groupBy(spans, ({ step }) => step)
  const from = startedAt ?? endedAt ?? end
  const to = endedAt ?? end
  const chosen = query.get('chain') === key
  return (
    <div class={call === undefined ? 'fall-chain' : 'fall-chain called'}>
      <a
        class="fall-row of-chain"
        data-item
        href={withQuery({ chain: key, step: undefined })}
        aria-current={chosen && !query.has('step') ? 'true' : undefined}
      >
        <span class="fall-label">
          <span class={`tone-${look.tone}`}>
            <Icon name={look.icon} size={14} />
          </span>
          <span class="clip" title={key}>
            {key}
          </span>
          <span class="hidden">{look.word}</span>
          <span class="took">{startedAt === undefined ? look.word : duration(to - from)}</span>
        </span>
        <span class="track">
          <i class={`chain-line tone-${look.tone}`} style={place(scale, from, to)} />
        </span>
      </a>
      {[...steps].map(([step, of]) => (
        <StepRow
          key={step}
          step={step}
          spans={of}
          scale={scale}
          end={end}
          to={withQuery({ chain: key, step })}
          chosen={chosen && query.get('step') === step}
        />
      ))}
    </div>
  )
}

function place(scale: TimeScale, from: number, to: number): Record<string, string> {
  const left = scale.at(from)
  return { left: percent(left), width: percent(Math.max(0, scale.at(to) - left)) }
}

interface StepRowProps {
  readonly step: string
  readonly spans: readonly Span[]
  readonly scale: TimeScale
  readonly end: number
  readonly to: string
  readonly chosen: boolean
}

/** Items of an `each` lie below each other, as far as there is room. */
const mostLanes = 8
/** More bars than this in one row are more than anyone sees. */
const mostBars = 400

function StepRow({ step, spans, scale, end, to, chosen }: StepRowProps): JSX.Element {
  const items = new Set(spans.map(({ item }) => item))
  const lanes = items.size > 1 ? lanesOf(spans, end) : spans.map(() => 0)
  const most = Math.min(mostLanes, Math.max(...lanes) + 1)
  const first = Math.min(...spans.map(({ from }) => from))
  const last = Math.max(...spans.map((span) => span.to ?? end))
  const tries = Math.max(...spans.map(({ attempt }) => attempt))
  const failed = spans.findLast(({ outcome }) => outcome !== undefined)?.outcome === 'failed'
  return (
    <a class="fall-row of-step" data-item href={to} aria-current={chosen ? 'true' : undefined}>
      <span class="fall-label">
        <span class={failed ? 'clip tone-bad strong' : 'clip'} title={step}>
          {step}
        </span>
        {failed && <span class="hidden">failed</span>}
        {items.size > 1 && <span class="muted small">{items.size} items</span>}
        {tries > 1 && <span class="muted small">{tries} attempts</span>}
        <span class="took">{duration(last - first)}</span>
      </span>
      <span
        class={most > 1 ? 'track lanes' : 'track'}
        style={most > 1 ? { height: `${most * 6 + 8}px` } : {}}
      >
        {spans.slice(0, mostBars).map((span, index) => (
          <i
            key={`${span.item}/${span.attempt}/${span.phase}/${span.from}`}
            class={`bar ${span.phase} ${span.outcome ?? (span.to === undefined ? 'open' : '')}`}
            title={titleOf(span, end)}
            style={{
              ...place(scale, span.from, span.to ?? end),
              ...(most > 1 ? { top: `${4 + ((lanes[index] ?? 0) % mostLanes) * 6}px` } : {}),
            }}
          />
        ))}
      </span>
    </a>
  )
}

function titleOf({ item, attempt, phase, outcome, from, to, detail }: Span, end: number): string {
  const what = `${item === undefined ? '' : `${item}: `}attempt ${attempt} ${phase}`
  const came = outcome === undefined ? '' : `, ${outcome}`
  return `${what} ${duration((to ?? end) - from)}${came}${detail === undefined ? '' : `: ${detail}`}`
}

/** The first lane that is free when a span begins. */
function lanesOf(spans: readonly Span[], end: number): readonly number[] {
  const free: number[] = []
  const ofItem = new Map<string | undefined, number>()
  return spans.map(({ item, from, to }) => {
    const known = ofItem.get(item)
    const lane = known ?? free.findIndex((until) => until <= from)
    const taken = lane < 0 ? free.length : lane
    free[taken] = Math.max(free[taken] ?? 0, to ?? end)
    ofItem.set(item, taken)
    return taken
  })
}

function PendingRow({ chain: { key, needs } }: { readonly chain: RunChainView }): JSX.Element {
  return (
    <a class="fall-row of-chain pending" data-item href={withQuery({ chain: key, step: undefined })}>
      <span class="fall-label">
        <span class="tone-idle">
          <Icon name="pending" size={14} />
        </span>
        <span class="clip" title={key}>
          {key}
        </span>
        <span class="took">pending</span>
      </span>
      <span class="track">
        {needs.length > 0 && (
          <span class="muted small clip">
            needs{' '}
            {needs
              .slice(0, 6)
              .map((need) => need.key)
              .join(', ')}
          </span>
        )}
      </span>
    </a>
  )
}

const legend: readonly (readonly [string, string])[] = [
  ['running succeeded', 'ran'],
  ['running failed', 'failed'],
  ['running lost', 'lost with its process'],
  ['running aborted', 'aborted'],
  ['queued', 'queued'],
  ['backing-off', 'backing off'],
  ['waiting', 'waiting for a signal'],
  ['sleeping', 'asleep'],
  ['calling', 'in a called chain'],
]

function Legend(): JSX.Element {
  return (
    <ul class="legend" aria-label="Legend">
      {legend.map(([kind, says]) => (
        <li key={kind}>
          <i class={`bar ${kind}`} aria-hidden="true" /> {says}
        </li>
      ))}
    </ul>
  )
}
