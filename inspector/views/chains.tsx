// What depends on what, and how does each do?

import { useLayoutEffect, useMemo } from 'preact/hooks'
import type { JSX } from 'preact'
import type { ChainCard, ChainsView } from '../../src/inspector/protocol.ts'
import { ChainGraph, reach } from '../graph/chain-graph.tsx'
import { Empty, Loaded } from '../parts/blank.tsx'
import { count, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Health, healthLook } from '../parts/status.tsx'
import { viewKeys } from '../state/keys.ts'
import { useResource } from '../state/resource.ts'
import { href, route, setQuery, withQuery } from '../state/route.ts'

export type Direction = 'both' | 'up' | 'down'

export function Chains(): JSX.Element {
  const chains = useResource<ChainsView>('/api/chains')
  const { query } = route.value
  const focus = query.get('focus') ?? undefined
  const given = query.get('show')
  const direction: Direction = given === 'up' || given === 'down' ? given : 'both'
  useLayoutEffect(() => {
    viewKeys.value = [
      { key: 'u', does: 'only what it needs', run: () => setQuery({ show: 'up' }) },
      { key: 'd', does: 'only what needs it', run: () => setQuery({ show: 'down' }) },
      { key: 'b', does: 'both', run: () => setQuery({ show: undefined }) },
    ]
    return () => (viewKeys.value = [])
  }, [])
  return (
    <div class="content full one">
      <Loaded of={chains} lines={10}>
        {(view) =>
          view.chains.length === 0 ? (
            <section class="card" aria-label="Chains">
              <Empty icon="chains" title="No chain is known yet">
                A supervisor tells of its chains as it starts.
              </Empty>
            </section>
          ) : (
            <Page view={view} focus={focus} direction={direction} />
          )
        }
      </Loaded>
    </div>
  )
}

interface PageProps {
  readonly view: ChainsView
  readonly focus: string | undefined
  readonly direction: Direction
}

function Page({ view, focus, direction }: PageProps): JSX.Element {
  const chosen = view.chains.find(({ id }) => id === focus)
  const lit = useMemo(
    () => (chosen === undefined ? undefined : reach(view.edges, chosen.id, direction)),
    [view, chosen, direction],
  )
  return (
    <div class="chains-page">
      <section class="card chain-graph" aria-label="Graph of the chains">
        <ChainGraph view={view} focus={chosen?.id} lit={lit} />
      </section>
      <aside class="card chain-side" aria-label="Chains">
        {chosen !== undefined && <Chosen card={chosen} view={view} direction={direction} />}
        <header>
          <h2>{plural(view.chains.length, 'chain')}</h2>
        </header>
        <ul class="chain-list">
          {view.chains.map(({ id, health }) => {
            const { icon, tone, word } = healthLook(health)
            return (
              <li key={id}>
                <a data-item href={withQuery({ focus: id })} aria-current={id === focus ? 'true' : undefined}>
                  <span class={`tone-${tone}`}>
                    <Icon name={icon} size={14} />
                  </span>
                  <span class="grow clip">{id}</span>
                  <span class="muted small">{word}</span>
                </a>
              </li>
            )
          })}
        </ul>
      </aside>
    </div>
  )
}

const directions: readonly (readonly [Direction, string])[] = [
  ['both', 'Both'],
  ['up', 'What it needs'],
  ['down', 'What needs it'],
]

function Chosen({
  card,
  view,
  direction,
}: {
  readonly card: ChainCard
  readonly view: ChainsView
  readonly direction: Direction
}): JSX.Element {
  const { id, version, description, owner, tags, health, cause, steps, runs, failed } = card
  const downstream = reach(view.edges, id, 'down').size - 1
  return (
    <section aria-label={id} class="chosen">
      <header class="row spread">
        <h2 class="clip">{id}</h2>
        <button
          type="button"
          class="button slight icon"
          aria-label="Close"
          onClick={() => setQuery({ focus: undefined, show: undefined })}
        >
          <Icon name="close" size={14} />
        </button>
      </header>
      {description !== undefined && <p>{description}</p>}
      <div class="row">
        <Health of={health} pill />
        <span class="small">{cause}</span>
      </div>
      <dl class="facts">
        <dt>Version</dt>
        <dd class="mono">{version}</dd>
        {owner !== undefined && (
          <>
            <dt>Owner</dt>
            <dd>{owner}</dd>
          </>
        )}
        {tags.length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>{tags.join(', ')}</dd>
          </>
        )}
        <dt>Steps</dt>
        <dd>{steps}</dd>
        <dt>Of late</dt>
        <dd>
          {count(runs)} ended, {count(failed)} failed
        </dd>
        <dt>Downstream</dt>
        <dd>{plural(downstream, 'chain')}</dd>
      </dl>
      <div class="row wrap-row" role="group" aria-label="Isolate">
        {directions.map(([key, label]) => (
          <button
            type="button"
            class="button"
            key={key}
            aria-pressed={direction === key}
            onClick={() => setQuery({ show: key === 'both' ? undefined : key })}
          >
            {label}
          </button>
        ))}
      </div>
      <a href={href(['runs'], { chain: id })}>Its runs</a>
    </section>
  )
}
