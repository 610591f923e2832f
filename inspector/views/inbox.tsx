// What waits for a person: signals to give, and runs that stand still until somebody acts.

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { InboxItem, InboxView } from '../../src/inspector/protocol.ts'
import { Empty, Loaded } from '../parts/blank.tsx'
import { shortId } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { SendForm } from '../parts/send-form.tsx'
import { Status } from '../parts/status.tsx'
import { Ago, Countdown } from '../parts/time.tsx'
import { perform } from '../parts/toast.tsx'
import { Value } from '../parts/value.tsx'
import { hello } from '../state/api.ts'
import { useResource } from '../state/resource.ts'
import { href } from '../state/route.ts'

const sections: readonly {
  readonly kind: InboxItem['kind']
  readonly title: string
  readonly says: string
}[] = [
  { kind: 'approval', title: 'Signals to give', says: 'runs that wait for an answer' },
  { kind: 'needs-attention', title: 'Needs attention', says: 'an undoing failed, or the outcome is unknown' },
  { kind: 'dead-letter', title: 'Dead letters', says: 'gave up; kept with their whole history' },
  { kind: 'needs-migration', title: 'Needs migration', says: 'recorded by a version that no longer fits' },
]

export function Inbox(): JSX.Element {
  const inbox = useResource<InboxView>('/api/inbox')
  return (
    <div class="content">
      <Loaded of={inbox} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <section class="card" aria-label="Inbox">
              <Empty icon="inbox" title="Nothing waits for you">
                Approvals, dead letters and runs that need attention appear here.
              </Empty>
            </section>
          ) : (
            sections.map(({ kind, title, says }) => {
              const own = items.filter((item) => item.kind === kind)
              if (own.length === 0) return null
              return (
                <section class="card" key={kind} aria-labelledby={`inbox-${kind}`}>
                  <header>
                    <div class="grow">
                      <h2 id={`inbox-${kind}`}>{title}</h2>
                      <span class="muted small">{says}</span>
                    </div>
                    <span class="tally warm">{own.length}</span>
                  </header>
                  {own.map((item) => (
                    <Item
                      key={`${item.run}/${item.chain}/${item.signal}`}
                      item={item}
                      reload={inbox.reload}
                    />
                  ))}
                </section>
              )
            })
          )
        }
      </Loaded>
    </div>
  )
}

interface ItemProps {
  readonly item: InboxItem
  readonly reload: () => void
}

function Item({ item, reload }: ItemProps): JSX.Element {
  const { kind, run, chain, step, since, until, detail, cure, input, attributes } = item
  return (
    <article class="inbox-item" aria-label={`${chain} of run ${run}`}>
      <div class="stack-small">
        <div class="row">
          <span class={kind === 'approval' ? 'tone-act' : kind === 'dead-letter' ? 'tone-bad' : 'tone-act'}>
            <Icon name={kind === 'approval' ? 'user' : kind === 'dead-letter' ? 'letter' : 'attention'} />
          </span>
          <strong>{step === undefined ? chain : `${chain} / ${step}`}</strong>
          <a class="mono" data-item href={href(['runs', run], { chain })} title={run}>
            {shortId(run)}
          </a>
          {kind !== 'approval' && <Status of={kind} pill />}
          <span class="muted small">
            <Ago at={since} />
            {until !== undefined && (
              <>
                {', times out '}
                <Countdown to={until} />
              </>
            )}
          </span>
        </div>
        <p class="wrap">{detail}</p>
        {cure !== undefined && <p class="muted wrap">To go on: {cure}</p>}
        <div>
          {Object.entries(attributes)
            .filter(([name]) => !name.startsWith('catenary.'))
            .map(([name, value]) => (
              <span class="tag" key={name}>
                <span class="muted">{name}</span>
                {String(value)}
              </span>
            ))}
        </div>
      </div>
      <Buttons item={item} reload={reload} />
      {input !== undefined && (
        <details>
          <summary>Input of the run</summary>
          <Value of={input} label="Input of the run" />
        </details>
      )}
    </article>
  )
}

function Buttons({ item: { kind, run, chain, step, signal }, reload }: ItemProps): JSX.Element | null {
  const [sending, setSending] = useState<unknown>()
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  if (hello.value?.commands !== true) return <span class="muted small">read only</span>
  const act = async (asked: 'retry' | 'cancel', done: string): Promise<void> => {
    setBusy(true)
    await perform(
      asked === 'retry' ? { do: 'retry', run } : { do: 'cancel', run, reason: 'given up in the inspector' },
      done,
    )
    setBusy(false)
    reload()
  }
  const begin = (payload: unknown): void => {
    setSending(payload)
    setOpen(true)
  }
  if (kind === 'approval' && signal !== undefined)
    return (
      <div class="buttons">
        {step === undefined ? (
          <button type="button" class="button first" onClick={() => begin(undefined)}>
            Send {signal}
          </button>
        ) : (
          <>
            <button type="button" class="button first" onClick={() => begin({ approved: true })}>
              Approve
            </button>
            <button type="button" class="button bad" onClick={() => begin({ approved: false })}>
              Decline
            </button>
          </>
        )}
        <SendForm
          open={open}
          close={() => setOpen(false)}
          title={`Send the signal “${signal}”`}
          says={`To chain ${chain} of run ${shortId(run)}. The payload is checked by the chain's own schema before it is taken.`}
          payload={sending}
          send={async (payload, id) =>
            perform({ do: 'signal', run, name: signal, payload, id }, `The signal “${signal}” was given.`)
          }
          sent={reload}
        />
      </div>
    )
  return (
    <div class="buttons">
      {kind !== 'needs-migration' && (
        <button
          type="button"
          class="button first"
          disabled={busy}
          onClick={() => void act('retry', 'The run goes on.')}
        >
          Try again
        </button>
      )}
      <button
        type="button"
        class="button bad"
        disabled={busy}
        onClick={() => void act('cancel', 'The run is given up.')}
      >
        Give up
      </button>
    </div>
  )
}
