// What stays while views change: the rail, the search, the keys; and the door, where the token is missing.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { InboxView } from '../src/inspector/protocol.ts'
import { Icon, type IconName, Mark } from './parts/icon.tsx'
import { Problem, Skeleton } from './parts/blank.tsx'
import { Toasts } from './parts/toast.tsx'
import { greet, hello, known } from './state/api.ts'
import { helpOpen } from './state/keys.ts'
import { link, startLive } from './state/live.ts'
import { useResource } from './state/resource.ts'
import { href, keepToken, route, tokenOf } from './state/route.ts'
import { theme, toggleTheme } from './state/theme.ts'
import { Help } from './help.tsx'
import { Search } from './search.tsx'
import { Advice } from './views/advice.tsx'
import { Chains } from './views/chains.tsx'
import { Inbox } from './views/inbox.tsx'
import { Now } from './views/now.tsx'
import { Run } from './views/run.tsx'
import { Runs } from './views/runs.tsx'

const places: readonly { readonly key: string; readonly label: string; readonly icon: IconName }[] = [
  { key: 'now', label: 'Now', icon: 'now' },
  { key: 'inbox', label: 'Inbox', icon: 'inbox' },
  { key: 'runs', label: 'Runs', icon: 'runs' },
  { key: 'chains', label: 'Chains', icon: 'chains' },
  { key: 'advice', label: 'Status and advice', icon: 'advice' },
]

export function Frame(): JSX.Element {
  const [error, setError] = useState<Error>()
  const enter = (): void => {
    setError(undefined)
    greet().then(startLive, setError)
  }
  useEffect(() => {
    if (tokenOf() === null) known.value = false
    else enter()
  }, [])
  if (known.value === false) return <Door enter={enter} />
  if (error !== undefined)
    return (
      <main class="content">
        <h1>Catenary inspector</h1>
        <Problem error={error} retry={enter} />
      </main>
    )
  if (hello.value === undefined)
    return (
      <main class="content">
        <h1 class="hidden">Catenary inspector</h1>
        <Skeleton lines={8} />
      </main>
    )
  return (
    <div class="frame">
      <button type="button" class="skip" onClick={() => document.querySelector('h1')?.focus()}>
        Skip to the content
      </button>
      <Rail />
      <Page />
      <Help />
      <Toasts />
    </div>
  )
}

function Page(): JSX.Element {
  const { path } = route.value
  const [place = 'now', id] = path
  const title = titleOf(place, id)
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  const address = path.join('/')
  // at once, or it would take the focus from where a fast hand has put it since
  useLayoutEffect(() => {
    document.title = `${title} · Catenary`
    // whoever reads by ear hears where they are
    if (!first.current) heading.current?.focus()
    first.current = false
  }, [address])
  return (
    <div class="page">
      <header class="top">
        <div class="crumbs">
          {place === 'runs' && id !== undefined && (
            <>
              <a href={href(['runs'])}>Runs</a>
              <span class="muted" aria-hidden="true">
                /
              </span>
            </>
          )}
          <h1 ref={heading} tabIndex={-1} class={id === undefined ? '' : 'mono'}>
            {title}
          </h1>
        </div>
        <Search />
      </header>
      <main key={address}>
        <View place={place} id={id} />
      </main>
    </div>
  )
}

function View({ place, id }: { readonly place: string; readonly id: string | undefined }): JSX.Element {
  if (place === 'now') return <Now />
  if (place === 'inbox') return <Inbox />
  if (place === 'runs') return id === undefined ? <Runs /> : <Run id={id} />
  if (place === 'chains') return <Chains />
  if (place === 'advice') return <Advice />
  return (
    <div class="content">
      <p>
        There is nothing at this address. <a href={href(['now'])}>Go to Now</a>
      </p>
    </div>
  )
}

function titleOf(place: string, id: string | undefined): string {
  if (place === 'runs' && id !== undefined) return id
  return places.find(({ key }) => key === place)?.label ?? 'Nothing here'
}

function Rail(): JSX.Element {
  const [place] = route.value.path
  const inbox = useResource<InboxView>('/api/inbox').value?.items.length ?? 0
  const dark = theme.value === 'dark'
  return (
    <aside class="rail" aria-label="Catenary inspector">
      <a class="brand" href={href(['now'])}>
        <Mark />
        <span class="label">Catenary</span>
      </a>
      <nav aria-label="Views">
        <ul>
          {places.map(({ key, label, icon }) => (
            <li key={key}>
              <a href={href([key])} aria-current={place === key ? 'page' : undefined} title={label}>
                <Icon name={icon} />
                <span class="label">{label}</span>
                {key === 'inbox' && inbox > 0 && (
                  <span class="tally warm">
                    {inbox}
                    <span class="hidden"> waiting</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="foot">
        <div class={`link ${link.value}`} role="status">
          <span class="dot" aria-hidden="true" />
          <span class="wide">
            {link.value === 'live'
              ? 'live'
              : link.value === 'connecting'
                ? 'connecting'
                : 'no connection, trying again'}
          </span>
        </div>
        <div class="wide clip" title={hello.value?.store}>
          {hello.value?.store.split('/').at(-1)}
        </div>
        {hello.value?.commands === false && <div class="wide">read only</div>}
        <div class="row">
          <button
            type="button"
            class="button slight icon"
            onClick={toggleTheme}
            aria-label={dark ? 'Light theme' : 'Dark theme'}
            title={`${dark ? 'Light' : 'Dark'} theme (t)`}
          >
            <Icon name={dark ? 'sun' : 'moon'} />
          </button>
          <button
            type="button"
            class="button slight icon"
            onClick={() => (helpOpen.value = true)}
            aria-label="Keyboard"
            title="Keyboard (?)"
          >
            <Icon name="keys" />
          </button>
        </div>
      </div>
    </aside>
  )
}

/** Asks for the token, which the address that was printed brings by itself. */
function Door({ enter }: { readonly enter: () => void }): JSX.Element {
  const [token, setToken] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    keepToken(token.trim())
    known.value = undefined
    enter()
  }
  return (
    <main class="door">
      <form class="card" onSubmit={submit}>
        <div class="body stack">
          <div class="row tone-idle">
            <Mark />
            <h1>Catenary inspector</h1>
          </div>
          <p>
            {tokenOf() === null
              ? 'Open the address that was printed when the inspector started: it carries a token. Or paste the token here.'
              : 'The token was not taken: the inspector may have been started anew. Open the address that it printed, or paste its token here.'}
          </p>
          <label class="stack-small">
            Token
            <input
              type="text"
              autocomplete="off"
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          </label>
          <div>
            <button class="button first" type="submit" disabled={token.trim() === ''}>
              Enter
            </button>
          </div>
        </div>
      </form>
    </main>
  )
}
