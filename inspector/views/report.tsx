// The analyzer's report: health, the critical path, what is built, practices, and what is to be done.

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { IntervalView, ReportView } from '../../src/inspector/protocol.ts'
import { count, duration, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Health } from '../parts/status.tsx'
import { perform } from '../parts/toast.tsx'
import { hello } from '../state/api.ts'
import { href } from '../state/route.ts'
import { Unread } from './unread.tsx'

interface ReportProps {
  readonly report: ReportView
  readonly reload: () => void
}

export function Report({ report, reload }: ReportProps): JSX.Element {
  const { actions, practices, performance } = report
  return (
    <>
      {actions.length > 0 && <Actions actions={actions} reload={reload} />}
      <HealthTable report={report} />
      {performance.critical.path.length > 0 && <Critical report={report} />}
      <Unread edges={report.interactions.edges} />
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
          <span class="muted small">
            whose time runs take, and how much shorter they were without it and its waits, over{' '}
            {plural(n, 'run')}
          </span>
        </div>
      </header>
      <table class="list">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col" class="num">
              Share
            </th>
            <th scope="col" class="num">
              Saves
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
