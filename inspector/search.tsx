// One field that finds runs from anywhere: an id opens its run, other words list what they match.

import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { get } from './state/api.ts'
import { go, href } from './state/route.ts'
import type { RunsView } from '../src/inspector/protocol.ts'

export function Search(): JSX.Element {
  const [text, setText] = useState('')
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const asked = text.trim()
    if (asked === '') return go(href(['runs']))
    const { runs } = await get<RunsView>(
      `/api/runs?${new URLSearchParams({ q: asked, limit: '2' }).toString()}`,
    ).catch(() => ({ runs: [] }))
    setText('')
    const [only] = runs
    go(runs.length === 1 && only !== undefined ? href(['runs', only.run]) : href(['runs'], { q: asked }))
  }
  return (
    <form class="search" role="search" onSubmit={(event) => void submit(event)}>
      <input
        type="search"
        data-search
        aria-label="Search runs by id, chain or attribute"
        placeholder="Search runs"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {text === '' && <kbd aria-hidden="true">/</kbd>}
    </form>
  )
}
