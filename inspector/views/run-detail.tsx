// One chain or step of a run: its error, attempts, input and output.

import type { JSX } from 'preact'
import type { RunChainView, RunView, Span } from '../../src/inspector/protocol.ts'
import { absolute, duration, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Status } from '../parts/status.tsx'
import { Took } from '../parts/time.tsx'
import { Copy, Value } from '../parts/value.tsx'
import { href, setQuery, withQuery } from '../state/route.ts'

interface DetailProps {
  readonly chain: RunChainView
  readonly step: string | undefined
  readonly view: RunView
  /** The same chain in the last good run. */
  readonly good: RunChainView | undefined
}

export function RunDetail({ chain, step, view, good }: DetailProps): JSX.Element {
  const spans = step === undefined ? [] : chain.spans.filter((span) => span.step === step)
  const { failure } = chain
  const own = failure !== undefined && (step === undefined || failure.step === step) ? failure : undefined
  const lastWords =
    own === undefined ? spans.findLast(({ outcome }) => outcome === 'failed')?.detail : undefined
  const output =
    step === undefined ? chain.output : spans.findLast((span) => span.output !== undefined)?.output
  return (
    <aside class="card detail" aria-label={step === undefined ? chain.key : `${chain.key} / ${step}`}>
      <header>
        <div class="grow clip">
          <h2 class="clip">
            {step === undefined ? (
              chain.key
            ) : (
              <>
                <a href={withQuery({ step: undefined })}>{chain.key}</a> / {step}
              </>
            )}
          </h2>
        </div>
        {step === undefined && <Status of={chain.status} pill />}
        <button
          type="button"
          class="button slight icon"
          aria-label="Close"
          onClick={() => setQuery({ chain: undefined, step: undefined })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      <div class="body stack">
        {own !== undefined && (
          <div class="stack-small">
            <div class="notice tone-bad">
              <Icon name="bad" />
              <div class="grow wrap">
                <strong>{own.message}</strong>
                <div class="small">
                  {own.kind}
                  {own.step !== undefined && step === undefined && (
                    <>
                      {' in step '}
                      <a href={withQuery({ step: own.step })}>{own.step}</a>
                    </>
                  )}
                </div>
              </div>
            </div>
            {own.stack !== undefined && (
              <details>
                <summary class="small muted">Stack</summary>
                <Value of={own.stack} label="Stack" />
              </details>
            )}
          </div>
        )}
        {lastWords !== undefined && (
          <div class="notice tone-bad">
            <Icon name="bad" />
            <div class="grow wrap">{lastWords}</div>
          </div>
        )}
        {good !== undefined && view.lastGood !== undefined && (
          <Compared run={view.lastGood} now={lengthOf(chain, step)} then={lengthOf(good, step)} />
        )}
        {step === undefined ? <Facts chain={chain} view={view} /> : <Attempts spans={spans} />}
        {step === undefined && chain.input !== undefined && <Given title="Input" value={chain.input} />}
        {output !== undefined && <Given title="Output" value={output} />}
        <a
          class="small"
          href={href(['runs', view.run], {
            tab: 'messages',
            q: `chain:${chain.key}${step === undefined ? '' : ` step:${step}`}`,
          })}
        >
          Its messages
        </a>
      </div>
    </aside>
  )
}

/** From its beginning to its end, waits included (ms); undefined where it has none of both. */
function lengthOf(chain: RunChainView, step: string | undefined): number | undefined {
  if (step === undefined)
    return chain.startedAt === undefined || chain.endedAt === undefined
      ? undefined
      : chain.endedAt - chain.startedAt
  const spans = chain.spans.filter((span) => span.step === step)
  const ends = spans.map(({ to }) => to ?? Number.NaN)
  const length = Math.max(...ends) - Math.min(...spans.map(({ from }) => from))
  return Number.isFinite(length) ? length : undefined
}

function Compared({
  run,
  now,
  then,
}: {
  readonly run: string
  readonly now: number | undefined
  readonly then: number | undefined
}): JSX.Element | null {
  if (then === undefined) return null
  const more = now === undefined ? undefined : now - then
  return (
    <p class="small muted">
      In the <a href={href(['runs', run])}>last good run</a> it took {duration(then)}
      {more !== undefined &&
        more !== 0 &&
        `: this time ${duration(Math.abs(more))} ${more > 0 ? 'more' : 'less'}`}
      .
    </p>
  )
}

function Given({ title, value }: { readonly title: string; readonly value: unknown }): JSX.Element {
  return (
    <div class="stack-small">
      <div class="row spread">
        <h3>{title}</h3>
        <Copy text={JSON.stringify(value, undefined, 2)} label={`Copy the ${title.toLowerCase()}`} />
      </div>
      <Value of={value} label={title} />
    </div>
  )
}

function Facts({ chain, view }: { readonly chain: RunChainView; readonly view: RunView }): JSX.Element {
  const dependents = view.chainViews.filter(({ needs }) => needs.some(({ key }) => key === chain.key))
  return (
    <dl class="facts">
      <dt>Chain</dt>
      <dd>
        <a href={href(['chains'], { focus: chain.chain })}>{chain.chain}</a>{' '}
        <span class="mono muted">{chain.version}</span>
      </dd>
      {chain.startedAt !== undefined && (
        <>
          <dt>Began</dt>
          <dd>{absolute(chain.startedAt)}</dd>
          <dt>Took</dt>
          <dd>
            <Took from={chain.startedAt} to={chain.endedAt ?? (view.at.last ? undefined : view.at.time)} />
          </dd>
        </>
      )}
      {chain.call !== undefined && (
        <>
          <dt>Called by</dt>
          <dd>
            <a href={withQuery({ chain: chain.call.chain, step: chain.call.step })}>
              {chain.call.chain} / {chain.call.step}
            </a>
          </dd>
        </>
      )}
      <Edges title="Needs" keys={chain.needs.map(({ key }) => key)} />
      <Edges title="Needed by" keys={dependents.map(({ key }) => key)} />
    </dl>
  )
}

function Edges({
  title,
  keys,
}: {
  readonly title: string
  readonly keys: readonly string[]
}): JSX.Element | null {
  if (keys.length === 0) return null
  return (
    <>
      <dt>{title}</dt>
      <dd class="row wrap-row">
        {keys.map((key) => (
          <a key={key} href={withQuery({ chain: key, step: undefined })}>
            {key}
          </a>
        ))}
      </dd>
    </>
  )
}

const mostRows = 200

function Attempts({ spans }: { readonly spans: readonly Span[] }): JSX.Element {
  const items = spans.some(({ item }) => item !== undefined)
  const failed = spans.filter(({ outcome }) => outcome === 'failed')
  // of many items, those that failed come first
  const shown = (
    spans.length > mostRows ? [...failed, ...spans.filter((span) => !failed.includes(span))] : spans
  ).slice(0, mostRows)
  return (
    <div class="stack-small">
      <h3>Attempts</h3>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Attempts and waits">
        <table class="list tight">
          <thead>
            <tr>
              {items && <th scope="col">Item</th>}
              <th scope="col" class="num">
                No.
              </th>
              <th scope="col">What</th>
              <th scope="col" class="num">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((span) => (
              <tr key={`${span.item}/${span.attempt}/${span.phase}/${span.from}`}>
                {items && <td class="mono">{span.item}</td>}
                <td class="num">{span.attempt}</td>
                <td>
                  <span class={toneOf(span)}>{wordOf(span)}</span>
                  {span.detail !== undefined && <div class="muted small wrap">{span.detail}</div>}
                </td>
                <td class="num" title={absolute(span.from)}>
                  {span.to === undefined ? (
                    <Took from={span.from} to={undefined} />
                  ) : (
                    duration(span.to - span.from)
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {spans.length > mostRows && (
        <p class="muted small">{plural(spans.length - mostRows, 'row')} more, not shown</p>
      )}
    </div>
  )
}

function wordOf({ phase, outcome, to }: Span): string {
  if (phase !== 'running') return phase === 'backing-off' ? 'backed off' : phase
  return outcome ?? (to === undefined ? 'running' : 'ran')
}

function toneOf({ phase, outcome }: Span): string {
  if (phase !== 'running') return 'muted'
  if (outcome === 'failed' || outcome === 'lost') return 'tone-bad strong'
  return outcome === 'succeeded' ? 'tone-ok strong' : 'tone-run strong'
}
