// Is it broken, and what first?

import type { JSX } from 'preact'
import type { NowView } from '../../src/inspector/protocol.ts'
import { Empty, Loaded } from '../parts/blank.tsx'
import { count, duration, plural, shortId } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { healthLook, standings, Status } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import { useResource } from '../state/resource.ts'
import { href } from '../state/route.ts'

export function Now(): JSX.Element {
  const now = useResource<NowView>('/api/now')
  return (
    <div class="content">
      <Loaded of={now} lines={10}>
        {(view) => (
          <>
            <Verdict view={view} />
            <Failures view={view} />
            <Stuck view={view} />
            {view.suggestions.length > 0 && <Suggestions view={view} />}
            <Rates view={view} />
            {view.services.length > 0 && <Services view={view} />}
            {view.vitals !== undefined && <Vitals vitals={view.vitals} />}
          </>
        )}
      </Loaded>
    </div>
  )
}

function Verdict({ view }: { readonly view: NowView }): JSX.Element {
  const { icon, tone, word } = healthLook(view.state)
  return (
    <section class={`verdict tone-${tone}`} aria-label="Verdict">
      <Icon name={icon} size={28} />
      <div class="grow">
        <p class="sentence" role="status">
          <span class="hidden">{word}: </span>
          {view.sentence}
        </p>
        <ul class="counts">
          {standings
            .filter((standing) => (view.counts[standing] ?? 0) > 0)
            .map((standing) => (
              <li key={standing}>
                <a href={href(['runs'], { status: standing })} class="count">
                  <strong>{count(view.counts[standing] ?? 0)}</strong> <Status of={standing} />
                </a>
              </li>
            ))}
        </ul>
      </div>
    </section>
  )
}

function Failures({ view }: { readonly view: NowView }): JSX.Element | null {
  if (view.failures.length === 0) return null
  return (
    <section class="card" aria-labelledby="failures">
      <header>
        <div class="grow">
          <h2 id="failures">Root failures</h2>
          <span class="muted small">where it began, the widest first</span>
        </div>
      </header>
      <ul class="entries">
        {view.failures.map(({ run, chain, step, message, at, blocked, runs }) => (
          <li key={`${chain}/${step}/${run}`}>
            <a class="entry" data-item href={href(['runs', run], { chain, step })}>
              <span class="tone-bad sign">
                <Icon name="bad" />
              </span>
              <span class="grow">
                <span class="place">
                  <strong>{step === undefined ? chain : `${chain} / ${step}`}</strong>
                </span>
                <span class="words wrap">{message}</span>
              </span>
              <span class="aside">
                <span class={blocked.length > 0 ? 'tone-bad strong' : 'muted'} title={blocked.join(', ')}>
                  {blocked.length > 0 ? `blocks ${plural(blocked.length, 'chain')}` : 'blocks nothing'}
                </span>
                <span class="muted">
                  {runs > 1 ? `${count(runs)} runs, last ` : ''}
                  <Ago at={at} />
                </span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Stuck({ view }: { readonly view: NowView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="stuck">
      <header>
        <div class="grow">
          <h2 id="stuck">Why isn't it moving?</h2>
          <span class="muted small">what waits for a person, an event or a time that has passed</span>
        </div>
      </header>
      {view.stuck.length === 0 ? (
        <Empty icon="ok" title="Nothing is stuck">
          Every run that has not ended moves by itself.
        </Empty>
      ) : (
        <ul class="entries">
          {view.stuck.map(({ run, chains, why, since }) => (
            <li key={run}>
              <a class="entry" data-item href={href(['runs', run])}>
                <span class="tone-wait sign">
                  <Icon name="wait" />
                </span>
                <span class="grow">
                  <span class="place">
                    <strong>{chains.join(', ')}</strong> <span class="mono muted">{shortId(run)}</span>
                  </span>
                  <span class="words wrap">{why.sentence}</span>
                </span>
                <span class="aside">
                  <span class="muted">
                    <Ago at={since} />
                  </span>
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Suggestions({ view }: { readonly view: NowView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="suggestions">
      <header>
        <div class="grow">
          <h2 id="suggestions">Suggestions</h2>
        </div>
        <a href={href(['advice'])}>All of them</a>
      </header>
      <ul class="entries">
        {view.suggestions.map(({ id, sentence }) => (
          <li key={id}>
            <a class="entry" data-item href={href(['advice'], { suggestion: id })}>
              <span class="tone-act sign">
                <Icon name="advice" />
              </span>
              <span class="grow wrap">{sentence}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

function Rates({ view: { sparklines } }: { readonly view: NowView }): JSX.Element {
  const { bucketMs, started, ended, failed } = sparklines
  const over = `in ${duration(bucketMs * started.length)}`
  const charts = [
    { title: 'Accepted', value: sum(started), bars: started, bad: [] },
    { title: 'Ended', value: sum(ended), bars: ended, bad: failed },
    { title: 'Failed', value: sum(failed), bars: failed, bad: failed },
  ]
  return (
    <section class="rates" aria-label={`Runs ${over}`}>
      {charts.map(({ title, value, bars, bad }) => (
        <div class="card rate" key={title}>
          <div class="row spread">
            <h2>{title}</h2>
            <span class="muted small">{over}</span>
          </div>
          <div class="figure">{count(value)}</div>
          <Sparkline values={bars} bad={bad} label={`${title}: ${count(value)} ${over}`} />
        </div>
      ))}
    </section>
  )
}

function Services({ view }: { readonly view: NowView }): JSX.Element {
  return (
    <section class="card" aria-labelledby="services">
      <header>
        <h2 id="services">Services</h2>
      </header>
      <ul class="entries">
        {view.services.map((service) => (
          <li key={String(service['id'])} class="entry">
            <strong class="grow">{text(service['id'])}</strong>
            <span>{text(service['state'])}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Vitals({ vitals }: { readonly vitals: NonNullable<NowView['vitals']> }): JSX.Element {
  return (
    <details class="card">
      <summary>Vitals</summary>
      <dl class="facts body">
        {Object.entries(vitals).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd class="mono">{Number.isInteger(value) ? count(value) : value.toFixed(2)}</dd>
          </>
        ))}
      </dl>
    </details>
  )
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
