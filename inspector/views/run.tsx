// Where did the time go, what is it waiting for, and what went wrong? One run at any moment of its life.

import { useLayoutEffect } from 'preact/hooks'
import type { JSX } from 'preact'
import type { RunView } from '../../src/inspector/protocol.ts'
import { Loaded } from '../parts/blank.tsx'
import { absolute, duration, plural, shortId } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { Status } from '../parts/status.tsx'
import { Ago, Took } from '../parts/time.tsx'
import { perform, say } from '../parts/toast.tsx'
import { hello, save } from '../state/api.ts'
import { useEvents } from '../state/events.ts'
import { viewKeys } from '../state/keys.ts'
import { useResource } from '../state/resource.ts'
import { go, href, route, setQuery, withQuery } from '../state/route.ts'
import { Cursor, stepCursor } from './run-cursor.tsx'
import { RunDetail } from './run-detail.tsx'
import { Machine } from './run-machine.tsx'
import { Messages } from './run-messages.tsx'
import { Waterfall } from './run-waterfall.tsx'

const tabs = [
  { key: 'waterfall', label: 'Waterfall' },
  { key: 'machine', label: 'Machine' },
  { key: 'messages', label: 'Messages' },
] as const

export function Run({ id }: { readonly id: string }): JSX.Element {
  const { query } = route.value
  const at = query.get('at')
  const tab = query.get('tab') ?? 'waterfall'
  const run = useResource<RunView>(`/api/runs/${encodeURIComponent(id)}${at === null ? '' : `?at=${at}`}`, id)
  const events = useEvents(id)
  useLayoutEffect(() => {
    viewKeys.value = [
      ...tabs.map(({ key, label }, index) => ({
        key: String(index + 1),
        does: label,
        run: () => go(withQuery({ tab: key })),
      })),
      { key: '[', does: 'the event before', run: () => stepCursor(events.events, -1) },
      { key: ']', does: 'the next event', run: () => stepCursor(events.events, 1) },
      { key: 'l', does: 'the present', run: () => setQuery({ at: undefined }) },
    ]
    return () => (viewKeys.value = [])
  }, [events.events])
  return (
    <div class="content full run">
      <Loaded of={run} lines={12}>
        {(view) => (
          <>
            <div class="stack-3">
              <Head view={view} reload={run.reload} />
              {!view.at.last && <Past view={view} />}
              <nav class="tabs" aria-label="Of this run">
                {tabs.map(({ key, label }) => (
                  <a key={key} href={withQuery({ tab: key })} aria-current={tab === key ? 'page' : undefined}>
                    {label}
                  </a>
                ))}
              </nav>
            </div>
            <div class="run-body">
              {tab === 'machine' ? (
                <Machine view={view} events={events.events} reload={run.reload} />
              ) : tab === 'messages' ? (
                <Messages view={view} events={events} />
              ) : (
                <Split view={view} />
              )}
            </div>
            <Cursor view={view} events={events.events} />
          </>
        )}
      </Loaded>
    </div>
  )
}

function Split({ view }: { readonly view: RunView }): JSX.Element {
  const { query } = route.value
  const chosen = view.chainViews.find(({ key }) => key === query.get('chain'))
  const { lastGood } = view
  const asked =
    chosen === undefined || lastGood === undefined ? null : `/api/runs/${encodeURIComponent(lastGood)}`
  const good = useResource<RunView>(asked, null).value?.chainViews.find(({ key }) => key === chosen?.key)
  return (
    <div class={chosen === undefined ? 'split' : 'split open'}>
      <Waterfall view={view} />
      {chosen !== undefined && (
        <RunDetail chain={chosen} step={query.get('step') ?? undefined} view={view} good={good} />
      )}
    </div>
  )
}

function Past({ view }: { readonly view: RunView }): JSX.Element {
  return (
    <div class="notice tone-act" role="status">
      <Icon name="clock" />
      <div class="grow">
        <strong>As it was at {absolute(view.at.time)}</strong>, right after event {view.at.seq}: replayed from
        the journal.
      </div>
      <button type="button" class="button" onClick={() => setQuery({ at: undefined })}>
        Back to the present
      </button>
    </div>
  )
}

interface HeadProps {
  readonly view: RunView
  readonly reload: () => void
}

function Head({ view, reload }: HeadProps): JSX.Element {
  const { chains, status, why, acceptedAt, endedAt, attributes, failures, lastGood } = view
  return (
    <section class="run-head" aria-label="The run in short">
      <div class="row wrap-row">
        <Status of={status} pill />
        <strong>{chains.join(', ')}</strong>
        <span class="muted">
          <Ago at={acceptedAt} />, {endedAt === null ? 'for ' : 'took '}
          {view.at.last ? (
            <Took from={acceptedAt} to={endedAt} />
          ) : (
            duration((endedAt ?? view.at.time) - acceptedAt)
          )}
        </span>
        {Object.entries(attributes)
          .filter(([name]) => !name.startsWith('catenary.'))
          .map(([name, value]) => (
            <span class="tag" key={name}>
              <span class="muted">{name}</span>
              {String(value)}
            </span>
          ))}
        <span class="grow" />
        {lastGood !== undefined && status !== 'succeeded' && (
          <a class="small" href={href(['runs', lastGood])}>
            Last good run: <span class="mono">{shortId(lastGood)}</span>
          </a>
        )}
        <button
          type="button"
          class="button"
          title="All that is recorded of it, without secrets: harness.fromTrace() of catenary/testing replays it"
          onClick={() => void download(view.run)}
        >
          Download trace
        </button>
        {hello.value?.commands === true && view.at.last && <Commands view={view} reload={reload} />}
      </div>
      {failures.length > 0 ? (
        <ul class="roots">
          {failures.map(({ chain, step, message, blocked }) => (
            <li key={`${chain}/${step}`}>
              <a data-item class="root" href={withQuery({ chain, step, tab: 'waterfall' })}>
                <span class="tone-bad">
                  <Icon name="bad" />
                </span>
                <strong>{step === undefined ? chain : `${chain} / ${step}`}</strong>
                <span class="grow clip" title={message}>
                  {message}
                </span>
                {blocked.length > 0 && (
                  <span class="tone-bad strong" title={blocked.join(', ')}>
                    blocks {plural(blocked.length, 'chain')}
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      ) : (
        endedAt === null && <p class="why">{sentence(why.sentence)}</p>
      )}
      {failures.length > 0 && endedAt === null && <p class="why">{sentence(why.sentence)}</p>}
    </section>
  )
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`

async function download(run: string): Promise<void> {
  const file = `${run.replaceAll(/[^\w.-]/g, '_')}.trace.json`
  try {
    await save(`/api/runs/${encodeURIComponent(run)}/trace`, file)
    say(`${file} is a test once harness.fromTrace() is given it.`)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), false)
  }
}

const over: ReadonlySet<RunView['status']> = new Set(['succeeded', 'failed', 'cancelled'])

function Commands({ view: { run, status }, reload }: HeadProps): JSX.Element {
  const act = async (asked: 'pause' | 'resume' | 'cancel' | 'retry', done: string): Promise<void> => {
    await perform({ do: asked, run }, done)
    reload()
  }
  const parked = status === 'dead-letter' || status === 'needs-attention'
  return (
    <span class="row">
      {(status === 'failed' || parked) && (
        <button
          type="button"
          class="button"
          onClick={() => void act('retry', 'It goes on from what failed.')}
        >
          Retry
        </button>
      )}
      {(status === 'running' || status === 'waiting') && (
        <button
          type="button"
          class="button"
          onClick={() => void act('pause', 'Paused: what runs ends, nothing begins.')}
        >
          Pause
        </button>
      )}
      {status === 'paused' && (
        <button type="button" class="button first" onClick={() => void act('resume', 'It goes on.')}>
          Resume
        </button>
      )}
      {!over.has(status) && (
        <button type="button" class="button bad" onClick={() => void act('cancel', 'It is being cancelled.')}>
          Cancel
        </button>
      )}
    </span>
  )
}
