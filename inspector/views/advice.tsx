// What is built, how does it do, and what should be changed?

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { AdviceView, IntervalView, ReportView, SuggestionView } from '../../src/inspector/protocol.ts'
import { Empty, Problem, Skeleton } from '../parts/blank.tsx'
import { count, duration, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Health, healthLook } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { perform } from '../parts/toast.tsx'
import { Value } from '../parts/value.tsx'
import { hello, type Trouble } from '../state/api.ts'
import { useResource } from '../state/resource.ts'
import { href, route } from '../state/route.ts'

const isAbsent = (error: Error | undefined): boolean => (error as Trouble | undefined)?.code === 'NOT_FOUND'

export function Advice(): JSX.Element {
  const report = useResource<ReportView>('/api/report', null)
  const advice = useResource<AdviceView>('/api/advice')
  const { value, error } = report
  return (
    <div class="content">
      {value !== undefined && <Verdict report={value} reload={report.reload} />}
      {advice.error !== undefined && !isAbsent(advice.error) && (
        <Problem error={advice.error} retry={advice.reload} />
      )}
      {advice.value !== undefined && <Suggestions view={advice.value} reload={advice.reload} />}
      {error !== undefined && !isAbsent(error) && <Problem error={error} retry={report.reload} />}
      {value === undefined && error === undefined && <Skeleton lines={10} />}
      {isAbsent(error) && (
        <section class="card" aria-label="Report">
          <Empty icon="advice" title="No report here">
            The report is made where the supervisor runs: open the inspector of that process, or call{' '}
            <code>catenary report</code>.
          </Empty>
        </section>
      )}
      {value !== undefined && <Report report={value} reload={report.reload} />}
    </div>
  )
}

function Verdict({
  report,
  reload,
}: {
  readonly report: ReportView
  readonly reload: () => void
}): JSX.Element {
  const { icon, tone, word } = healthLook(report.verdict.state)
  const { used, excluded } = report.meta.runs
  const left = excluded.reduce((sum, one) => sum + one.count, 0)
  return (
    <section class={`verdict tone-${tone}`} aria-label="Verdict">
      <Icon name={icon} size={28} />
      <div class="grow">
        <p class="sentence">
          <span class="hidden">{word}: </span>
          {report.verdict.sentence}
        </p>
        <p class="muted small">
          From {plural(used, 'run')}
          {left > 0 && `, ${count(left)} left out (${excluded.map(({ reason }) => reason).join('; ')})`}, made{' '}
          <Ago at={report.meta.at} />.
        </p>
      </div>
      <button type="button" class="button" onClick={reload}>
        Make it anew
      </button>
    </section>
  )
}

interface SuggestionsProps {
  readonly view: AdviceView
  readonly reload: () => void
}

function Suggestions({ view: { suggestions: open, trials }, reload }: SuggestionsProps): JSX.Element {
  return (
    <section class="card" aria-labelledby="suggestions">
      <header>
        <div class="grow">
          <h2 id="suggestions">Suggestions</h2>
          <span class="muted small">what to change, by what was measured</span>
        </div>
      </header>
      {open.length === 0 ? (
        <Empty icon="advice" title="Nothing to suggest">
          There is too little evidence for any change, or none is needed.
        </Empty>
      ) : (
        open.map((one) => <Suggestion key={one.id} of={one} reload={reload} />)
      )}
      {trials.length > 0 && <Trials trials={trials} />}
    </section>
  )
}

function Trials({ trials }: { readonly trials: AdviceView['trials'] }): JSX.Element {
  return (
    <ul class="entries trials" aria-label="Trials">
      {trials.map(({ id, sentence, startedAt, share, pairs, ended }) => (
        <li key={id} class="entry">
          <span class="sign tone-run">
            <Icon name="run" />
          </span>
          <span class="grow">
            <span class="wrap">{sentence}</span>
            <span class="words wrap">
              {ended === undefined ? 'being tried' : `${ended.verdict}: ${ended.why}`}
            </span>
          </span>
          <span class="aside muted">
            <span>
              {Math.round(share * 100)} % of the runs{pairs === undefined ? '' : `, ${plural(pairs, 'pair')}`}
            </span>
            <Ago at={startedAt} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function Suggestion({
  of,
  reload,
}: {
  readonly of: SuggestionView
  readonly reload: () => void
}): JSX.Element {
  const { id, kind, state, sentence, evidence, gain, patch } = of
  const [busy, setBusy] = useState(false)
  const chosen = route.value.query.get('suggestion') === id
  const act = async (asked: 'apply' | 'dismiss', done: string): Promise<void> => {
    setBusy(true)
    await perform({ do: asked, suggestion: id }, done)
    setBusy(false)
    reload()
  }
  return (
    <article class="advice-item" aria-label={sentence}>
      <div class="row spread top-row">
        <div class="stack-small">
          <strong class="wrap">{sentence}</strong>
          <span class="muted small">
            <span class="tag">{kind}</span> {state !== 'open' && <span class="tag">{state}</span>} gain{' '}
            {gainOf(gain)} {gain.objective.replace('-', ' ')}, from {plural(evidence.n, 'observation')} in{' '}
            {plural(evidence.runs, 'run')}
          </span>
        </div>
        {hello.value?.commands === true && state === 'open' && (
          <span class="row">
            {patch !== undefined && (
              <button
                type="button"
                class="button first"
                disabled={busy}
                onClick={() => void act('apply', 'It is tried out; it is taken back if it does harm.')}
              >
                Apply
              </button>
            )}
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => void act('dismiss', 'It is dismissed.')}
            >
              Dismiss
            </button>
          </span>
        )}
      </div>
      <details open={chosen}>
        <summary class="small muted">Evidence{patch === undefined ? '' : ' and patch'}</summary>
        <div class="stack-small">
          <p class="small">
            {evidence.statistic}: <strong>{short(evidence.value)}</strong>, between {short(evidence.low)} and{' '}
            {short(evidence.high)} at {Math.round(evidence.level * 100)} %
          </p>
          <ul class="facts-list small">
            {evidence.facts.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
          {patch !== undefined && <Value of={patch} label="Patch" />}
        </div>
      </details>
    </article>
  )
}

const short = (value: number): string => (Number.isInteger(value) ? count(value) : value.toPrecision(3))

function gainOf({ unit, estimate, low, high, level }: SuggestionView['gain']): string {
  const say = (value: number): string =>
    unit === 'ms' ? duration(value) : unit === 'share' ? `${(value * 100).toFixed(1)} %` : short(value)
  return `${say(estimate)} (${say(low)} to ${say(high)} at ${Math.round(level * 100)} %) of`
}

interface ReportProps {
  readonly report: ReportView
  readonly reload: () => void
}

function Report({ report, reload }: ReportProps): JSX.Element {
  const { actions, practices, performance } = report
  return (
    <>
      {actions.length > 0 && <Actions actions={actions} reload={reload} />}
      <HealthTable report={report} />
      {performance.critical.path.length > 0 && <Critical report={report} />}
      <Ladder report={report} />
      {practices.length > 0 && <Practices practices={practices} />}
    </>
  )
}

interface ActProps {
  readonly of: ReportView['actions'][number]
  readonly reload: () => void
}

/** What the supervisor can do is done, and taken back, by a person's word. */
function Act({ of: { id, can, state }, reload }: ActProps): JSX.Element | null {
  const [busy, setBusy] = useState(false)
  if (!can || hello.value?.commands !== true) return null
  const done = state === 'applied' || state === 'verified'
  if (!done && state !== 'proposed' && state !== 'asked') return null
  const act = async (): Promise<void> => {
    setBusy(true)
    await perform(
      { do: done ? 'undo' : 'act', action: id },
      done ? 'It is taken back.' : 'It is done; it is taken back if it does not help.',
    )
    setBusy(false)
    reload()
  }
  return (
    <button type="button" class={done ? 'button' : 'button first'} disabled={busy} onClick={() => void act()}>
      {done ? 'Take back' : 'Do it'}
    </button>
  )
}

function Actions({
  actions,
  reload,
}: {
  readonly actions: ReportView['actions']
  readonly reload: () => void
}): JSX.Element {
  return (
    <section class="card" aria-labelledby="actions">
      <header>
        <div class="grow">
          <h2 id="actions">Necessary actions</h2>
          <span class="muted small">the most that they unlock first</span>
        </div>
      </header>
      <ul class="entries">
        {actions.map((one) => {
          const { id, kind, sentence, why, severity, unlocks, check, state } = one
          return (
            <li key={id} class="entry">
              <span class={`sign ${severity === 'high' ? 'tone-bad' : 'tone-wait'}`}>
                <Icon name="attention" />
              </span>
              <span class="grow">
                <strong class="wrap">{sentence}</strong>
                <span class="words wrap">{why}</span>
                <span class="muted small wrap">It worked if {check}</span>
              </span>
              <span class="aside">
                <span>
                  <span class="tag">{kind}</span> {severity}
                </span>
                <span class="muted">{unlocks > 0 ? `unlocks ${count(unlocks)}` : ''}</span>
                {state !== 'proposed' && <span class="tag">{state}</span>}
                <Act of={one} reload={reload} />
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function HealthTable({ report }: { readonly report: ReportView }): JSX.Element {
  const times = new Map(report.performance.chains.map((one) => [one.chain, one.duration]))
  return (
    <section class="card" aria-labelledby="health">
      <header>
        <h2 id="health">Chains</h2>
      </header>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Chain</th>
            <th scope="col">Health</th>
            <th scope="col">Because</th>
            <th scope="col" class="num">
              n
            </th>
            <th scope="col" class="num">
              Median
            </th>
            <th scope="col" class="num">
              95 %
            </th>
          </tr>
        </thead>
        <tbody>
          {report.health.map(({ chain, state, cause, evidence }) => (
            <tr key={chain}>
              <td>
                <a class="strong" data-item href={href(['chains'], { focus: chain })}>
                  {chain}
                </a>
              </td>
              <td>
                <Health of={state} />
              </td>
              <td class="muted wrap">{cause}</td>
              <td class="num">{count(evidence.runs)}</td>
              <td class="num">
                <Interval of={times.get(chain)?.p50} />
              </td>
              <td class="num">
                <Interval of={times.get(chain)?.p95} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Interval({ of }: { readonly of: IntervalView | undefined }): JSX.Element {
  if (of === undefined)
    return (
      <span class="muted" title="too few to say">
        ·
      </span>
    )
  const bounds =
    of.low === undefined || of.high === undefined
      ? 'too few for an interval'
      : `${duration(of.low)} to ${duration(of.high)}`
  return <span title={bounds}>{duration(of.estimate)}</span>
}

function Critical({ report }: { readonly report: ReportView }): JSX.Element {
  const { n, path } = report.performance.critical
  return (
    <section class="card" aria-labelledby="critical">
      <header>
        <div class="grow">
          <h2 id="critical">Critical path</h2>
          <span class="muted small">what makes runs as long as they are, over {plural(n, 'run')}</span>
        </div>
      </header>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col" class="num">
              On the path
            </th>
            <th scope="col" class="num">
              Drag
            </th>
          </tr>
        </thead>
        <tbody>
          {path.slice(0, 12).map(({ chain, step, share, drag }) => (
            <tr key={`${chain}/${step}`}>
              <td class="strong">{step === undefined ? chain : `${chain} / ${step}`}</td>
              <td class="num">{Math.round(share.estimate * 100)} %</td>
              <td class="num">
                <Interval of={drag} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Ladder({ report }: { readonly report: ReportView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="ladder">
      <header>
        <div class="grow">
          <h2 id="ladder">How far it is built</h2>
          <span class="muted small">
            declared, contracted, implemented, wired, tested, exercised, conformant, healthy
          </span>
        </div>
      </header>
      {report.implementation.map(({ chain, rung, flags, steps, next }) => (
        <details class="ladder-chain" key={chain}>
          <summary>
            <strong>{chain}</strong>
            <span class="tag">{rung}</span>
            {flags.map((flag) => (
              <span class="tag" key={flag}>
                {flag}
              </span>
            ))}
            <span class="muted small clip">{next}</span>
          </summary>
          <table class="list tight">
            <thead>
              <tr>
                <th scope="col">Step</th>
                <th scope="col">Reached</th>
                <th scope="col">Next</th>
              </tr>
            </thead>
            <tbody>
              {steps.map((step) => (
                <tr key={step.step}>
                  <td>{step.step}</td>
                  <td>
                    <span class="ladder" aria-hidden="true">
                      {step.ladder.map(({ rung: one, reached, why }) => (
                        <i
                          key={one}
                          class={reached === 'yes' ? 'on' : reached}
                          title={`${one}: ${reached}${why === undefined ? '' : `, ${why}`}`}
                        />
                      ))}
                    </span>{' '}
                    {step.rung}
                  </td>
                  <td class="muted">{step.next}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      ))}
    </section>
  )
}

function Practices({ practices }: { readonly practices: ReportView['practices'] }): JSX.Element {
  return (
    <section class="card" aria-labelledby="practices">
      <header>
        <h2 id="practices">Good practice</h2>
      </header>
      <ul class="entries">
        {practices.map(({ rule, chain, step, sentence, cure }) => (
          <li key={`${rule}/${chain}/${step}`} class="entry">
            <span class="grow">
              <strong class="wrap">{sentence}</strong>
              <span class="words wrap">{cure}</span>
            </span>
            <span class="aside">
              <span class="tag">{rule}</span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
