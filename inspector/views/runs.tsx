// Where is order 4711? Runs by id, chain, status and attribute.

import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { RunRow, RunsView } from '../../src/inspector/protocol.ts'
import { Empty, Loaded } from '../parts/blank.tsx'
import { count, shortId } from '../parts/format.ts'
import { lookOf, standings, Status } from '../parts/status.tsx'
import { Ago, Took } from '../parts/time.tsx'
import { useResource } from '../state/resource.ts'
import { get } from '../state/api.ts'
import { href, route, setQuery } from '../state/route.ts'

const names = ['q', 'chain', 'status', 'attr'] as const

export function Runs(): JSX.Element {
  const { query } = route.value
  const path = `/api/runs?${parametersOf(query)}`
  const runs = useResource<RunsView>(path)
  const [older, setOlder] = useState<readonly RunRow[]>([])
  const [more, setMore] = useState<boolean>()
  useEffect(() => {
    setOlder([])
    setMore(undefined)
  }, [path])
  const next = async (last: RunRow): Promise<void> => {
    const page = await get<RunsView>(`${path}&before=${encodeURIComponent(last.run)}`)
    setOlder((known) => [...known, ...page.runs])
    setMore(page.more)
  }
  return (
    <div class="content">
      <Filters query={query} view={runs.value} />
      <section class="card" aria-label="Runs found">
        <Loaded of={runs} lines={12}>
          {(view) => {
            const seen = new Set(view.runs.map(({ run }) => run))
            const rows = [...view.runs, ...older.filter(({ run }) => !seen.has(run))]
            const last = rows.at(-1)
            if (last === undefined) return <Nothing filtered={[...query].length > 0} />
            return (
              <>
                <Table rows={rows} />
                {(more ?? view.more) && (
                  <div class="more">
                    <button type="button" class="button" onClick={() => void next(last)}>
                      Show older runs
                    </button>
                  </div>
                )}
              </>
            )
          }}
        </Loaded>
      </section>
    </div>
  )
}

/** `attr` is written as `name=value`, several by spaces. */
function parametersOf(query: URLSearchParams): string {
  const asked = new URLSearchParams({ limit: '100' })
  for (const name of names) {
    const value = query.get(name)
    if (value === null || value === '') continue
    if (name !== 'attr') asked.set(name, value)
    else
      for (const [, key = '', of = ''] of value.matchAll(/([^\s=]+)=("[^"]*"|\S+)/g))
        asked.set(`attr.${key}`, of)
  }
  return asked.toString()
}

function Nothing({ filtered }: { readonly filtered: boolean }): JSX.Element {
  return filtered ? (
    <Empty icon="runs" title="No run matches">
      <a href={href(['runs'])}>Show all runs</a>
    </Empty>
  ) : (
    <Empty icon="runs" title="No run yet">
      As soon as the supervisor accepts a run, it appears here by itself.
    </Empty>
  )
}

function Filters({
  query,
  view,
}: {
  readonly query: URLSearchParams
  readonly view: RunsView | undefined
}): JSX.Element {
  const status = query.get('status') ?? ''
  const all = Object.values(view?.counts ?? {}).reduce((a, b) => a + b, 0)
  return (
    <div class="stack">
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <Field name="q" label="Id, chain or attribute" query={query} search />
        <Field name="chain" label="Chain" query={query} />
        <Field name="attr" label="Attribute, as name=value" query={query} />
      </form>
      <ul class="chips" aria-label="By status">
        <li>
          <Chip on={status === ''} status={undefined} label={`all ${count(all)}`} />
        </li>
        {standings
          .filter((standing) => (view?.counts[standing] ?? 0) > 0 || status === standing)
          .map((standing) => (
            <li key={standing}>
              <Chip
                on={status.split(',').includes(standing)}
                status={standing}
                label={`${lookOf(standing).word} ${count(view?.counts[standing] ?? 0)}`}
              />
            </li>
          ))}
      </ul>
    </div>
  )
}

function Chip({
  on,
  status,
  label,
}: {
  readonly on: boolean
  readonly status: string | undefined
  readonly label: string
}): JSX.Element {
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={on}
      onClick={() => setQuery({ status: on ? undefined : status })}
    >
      {label}
    </button>
  )
}

function Field({
  name,
  label,
  query,
  search = false,
}: {
  readonly name: (typeof names)[number]
  readonly label: string
  readonly query: URLSearchParams
  readonly search?: boolean
}): JSX.Element {
  return (
    <label class="field">
      <span class="muted small">{label}</span>
      <input
        type="search"
        value={query.get(name) ?? ''}
        {...(search ? { 'data-search': true } : {})}
        onInput={(event) => setQuery({ [name]: event.currentTarget.value })}
      />
    </label>
  )
}

function Table({ rows }: { readonly rows: readonly RunRow[] }): JSX.Element {
  return (
    <table class="list runs">
      <thead>
        <tr>
          <th scope="col">Status</th>
          <th scope="col">Chain</th>
          <th scope="col">Run</th>
          <th scope="col">Attributes</th>
          <th scope="col" class="num">
            Accepted
          </th>
          <th scope="col" class="num">
            Took
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ run, chains, status, attributes, acceptedAt, endedAt, signals }) => (
          <tr key={run}>
            <td>
              <Status of={status} />
            </td>
            <td class="strong">{chains.join(', ')}</td>
            <td>
              <a class="mono" data-item href={href(['runs', run])} title={run}>
                {shortId(run)}
              </a>
            </td>
            <td>
              {Object.entries(attributes)
                .filter(([name]) => !name.startsWith('catenary.'))
                .slice(0, 4)
                .map(([name, value]) => (
                  <span class="tag" key={name} title={`${name}=${value}`}>
                    <span class="muted">{name}</span>
                    {String(value)}
                  </span>
                ))}
              {signals.length > 0 && <span class="tone-wait small"> waits for {signals.join(', ')}</span>}
            </td>
            <td class="num muted">
              <Ago at={acceptedAt} />
            </td>
            <td class="num">
              <Took from={acceptedAt} to={endedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
