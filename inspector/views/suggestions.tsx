// What the reflector suggests, with its evidence and what is foretold, and the trials of it.

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { AdviceView, SuggestionView } from '../../src/inspector/protocol.ts'
import { Empty } from '../parts/blank.tsx'
import { count, duration, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Ago } from '../parts/time.tsx'
import { perform } from '../parts/toast.tsx'
import { Value } from '../parts/value.tsx'
import { hello } from '../state/api.ts'
import { route } from '../state/route.ts'

interface SuggestionsProps {
  readonly view: AdviceView
  readonly reload: () => void
}

export function Suggestions({ view: { suggestions: open, trials }, reload }: SuggestionsProps): JSX.Element {
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
