// The machine of one chain of the run, live: its statechart, its states as a tree, what it takes and what will be due.

import { useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { ChainView, EventRow, MachineNode, RunChainView, RunView } from '../../src/inspector/protocol.ts'
import { Statechart } from '../graph/statechart.tsx'
import { drawChart } from '../graph/statechart.ts'
import { Empty, Loaded } from '../parts/blank.tsx'
import { placeOf, toneOf } from '../parts/event-words.ts'
import { timeOfDay } from '../parts/format.ts'
import { SendForm } from '../parts/send-form.tsx'
import { Status } from '../parts/status.tsx'
import { Countdown } from '../parts/time.tsx'
import { perform } from '../parts/toast.tsx'
import { hello } from '../state/api.ts'
import { useResource } from '../state/resource.ts'
import { route, setQuery } from '../state/route.ts'

interface MachineProps {
  readonly view: RunView
  readonly events: readonly EventRow[]
  readonly reload: () => void
}

export function Machine({ view, events, reload }: MachineProps): JSX.Element {
  const { query } = route.value
  const chain =
    view.chainViews.find(({ key }) => key === query.get('chain')) ??
    view.chainViews.find(({ status }) => status === 'running' || status === 'waiting') ??
    view.chainViews.find(({ chain: id }) => view.chains.includes(id)) ??
    view.chainViews[0]
  if (chain === undefined) return <Empty icon="chains" title="This run has no chain" />
  return (
    <div class="split open machine">
      <section class="card machine-chart" aria-label="Statechart">
        <header>
          <label class="row">
            <span class="muted small">Chain</span>
            <select
              value={chain.key}
              onChange={({ currentTarget }) => setQuery({ chain: currentTarget.value, step: undefined })}
            >
              {view.chainViews.map(({ key, status }) => (
                <option key={key} value={key}>
                  {key} ({status.replace('_', ' ')})
                </option>
              ))}
            </select>
          </label>
          <Status of={chain.status} pill />
        </header>
        <Chart chain={chain} />
      </section>
      <Side chain={chain} view={view} events={events} reload={reload} />
    </div>
  )
}

/** So many states are drawn open at first; of a larger machine only what holds an active one. */
const mostOpen = 60

function Chart({ chain }: { readonly chain: RunChainView }): JSX.Element {
  const declared = useResource<ChainView>(`/api/chains/${encodeURIComponent(chain.chain)}`, null)
  const [failures, setFailures] = useState(false)
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const root = declared.value?.machine
  const drawn = useMemo(() => {
    if (root === undefined) return undefined
    const large = sizeOf(root) > mostOpen
    const closed = new Set(
      holdersOf(root).filter((id) => id !== root.id && (large ? !toggled.has(id) : toggled.has(id))),
    )
    return drawChart(root, { failures, closed, active: new Set(chain.active) })
  }, [root, failures, toggled, chain.active.join(' ')])
  const toggle = (id: string): void =>
    setToggled((now) => (now.has(id) ? new Set([...now].filter((one) => one !== id)) : new Set([...now, id])))
  if (declared.error !== undefined)
    return (
      <Empty icon="chains" title="No statechart is known of this chain">
        A supervisor records the statecharts of its chains when it starts. This run was recorded before.
      </Empty>
    )
  return (
    <Loaded of={declared} lines={6}>
      {() =>
        drawn === undefined ? null : (
          <>
            <Statechart drawn={drawn} active={new Set(chain.active)} of={chain.chain} toggle={toggle} />
            <label class="row failures">
              <input type="checkbox" checked={failures} onChange={() => setFailures(!failures)} />
              Draw failures and queueing
            </label>
          </>
        )
      }
    </Loaded>
  )
}

const sizeOf = (node: MachineNode): number => node.states.reduce((sum, child) => sum + sizeOf(child), 1)
const holdersOf = (node: MachineNode): readonly string[] =>
  node.states.length === 0 ? [] : [node.id, ...node.states.flatMap(holdersOf)]

interface SideProps extends MachineProps {
  readonly chain: RunChainView
}

const mostEvents = 12

function Side({ chain, view, events, reload }: SideProps): JSX.Element {
  const declared = useResource<ChainView>(`/api/chains/${encodeURIComponent(chain.chain)}`, null)
  const own = events.filter((event) => event.chain === chain.key && event.seq <= view.at.seq)
  const active = new Set(chain.active)
  return (
    <aside class="card detail" aria-label="The machine in words">
      <header>
        <h2 class="clip">{chain.key}</h2>
        <span class="muted small">in words</span>
      </header>
      <div class="body stack">
        <div class="stack-small">
          <h3>Takes now</h3>
          {chain.accepts.length === 0 ? (
            <p class="muted small">Nothing from outside.</p>
          ) : (
            <ul class="stack-small">
              {chain.accepts.map((name) => (
                <Accepted key={name} name={name} chain={chain} view={view} reload={reload} />
              ))}
            </ul>
          )}
        </div>
        {chain.timers.length > 0 && (
          <div class="stack-small">
            <h3>Timers</h3>
            <ul class="stack-small">
              {chain.timers.map(({ name, due }) => (
                <li class="row spread" key={`${name}${due}`}>
                  <span class="clip">{name}</span>
                  <span class="mono">
                    <Countdown to={due} />
                  </span>
                </li>
              ))}
            </ul>
          </div>
        )}
        {declared.value !== undefined && (
          <div class="stack-small">
            <h3>States</h3>
            <ul class="tree" role="tree" aria-label="States of the machine">
              <Branch node={declared.value.machine} active={active} level={1} />
            </ul>
          </div>
        )}
        <div class="stack-small">
          <h3>Last events</h3>
          <ul class="causes">
            {own
              .slice(-mostEvents)
              .toReversed()
              .map((event) => (
                <li key={event.seq}>
                  <button
                    type="button"
                    class="cause"
                    onClick={() => setQuery({ at: event.seq })}
                    title="Look at this moment"
                  >
                    <span class="mono muted">{timeOfDay(event.at)}</span>
                    <span class={`mono ${toneOf(event)}`}>{event.type}</span>
                    <span class="clip">{placeOf(event).replace(`${chain.key} / `, '')}</span>
                  </button>
                </li>
              ))}
          </ul>
        </div>
      </div>
    </aside>
  )
}

interface BranchProps {
  readonly node: MachineNode
  readonly active: ReadonlySet<string>
  readonly level: number
}

function Branch({ node, active, level }: BranchProps): JSX.Element {
  const on = active.has(node.id)
  return (
    <li
      role="treeitem"
      aria-level={level}
      aria-selected={on}
      {...(node.states.length > 0 ? { 'aria-expanded': true } : {})}
      tabIndex={level === 1 ? 0 : -1}
      onKeyDown={walkTree}
    >
      <span class={on ? 'state on' : 'state'}>
        <span aria-hidden="true">{on ? '●' : '○'}</span> {node.key}
        {node.type !== 'atomic' && node.type !== 'compound' && <span class="muted small"> {node.type}</span>}
        {on && <span class="hidden"> active</span>}
      </span>
      {node.states.length > 0 && (
        <ul role="group">
          {node.states.map((child) => (
            <Branch key={child.id} node={child} active={active} level={level + 1} />
          ))}
        </ul>
      )}
    </li>
  )
}

/** Up and down walk through the tree, as trees are walked. */
function walkTree(event: KeyboardEvent): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const tree = (event.currentTarget as HTMLElement).closest('[role=tree]')
  if (step === 0 || tree === null || event.defaultPrevented) return
  event.preventDefault()
  const items = [...tree.querySelectorAll<HTMLElement>('[role=treeitem]')]
  items[items.indexOf(document.activeElement as HTMLElement) + step]?.focus()
}

interface AcceptedProps {
  readonly name: string
  readonly chain: RunChainView
  readonly view: RunView
  readonly reload: () => void
}

function Accepted({ name, chain, view, reload }: AcceptedProps): JSX.Element {
  const [open, setOpen] = useState(false)
  const can = hello.value?.commands === true && view.at.last
  return (
    <li class="row spread">
      <span class="mono clip">{name}</span>
      {can && (
        <button type="button" class="button" onClick={() => setOpen(true)}>
          Send<span class="hidden"> {name}</span>
        </button>
      )}
      <SendForm
        open={open}
        close={() => setOpen(false)}
        title={`Send “${name}” to ${chain.key}`}
        says="It is journalled and delivered once. Leave the payload empty where there is none."
        payload={undefined}
        send={async (payload, id) =>
          perform({ do: 'signal', run: view.run, name, payload, id }, `“${name}” was sent.`)
        }
        sent={reload}
      />
    </li>
  )
}
