// A value as text, its keys and kinds told apart; nothing in it is ever taken for markup.

import type { ComponentChildren, JSX } from 'preact'
import { Icon } from './icon.tsx'

export function Value({ of, label }: { readonly of: unknown; readonly label: string }): JSX.Element {
  return (
    <pre class="value" tabIndex={0} role="region" aria-label={label}>
      {draw(of, '')}
    </pre>
  )
}

function draw(value: unknown, indent: string): ComponentChildren {
  if (value === undefined) return <span class="muted">nothing</span>
  if (typeof value === 'string')
    return <span class="s">{value.includes('\n') && indent === '' ? value : JSON.stringify(value)}</span>
  if (typeof value !== 'object' || value === null) return <span class="n">{JSON.stringify(value)}</span>
  const inner = `${indent}  `
  const list = Array.isArray(value)
  const entries = Object.entries(value)
  if (entries.length === 0) return list ? '[]' : '{}'
  return [
    list ? '[\n' : '{\n',
    ...entries.map(([key, one], index) => [
      inner,
      list ? '' : <span class="k">{key}</span>,
      list ? '' : ': ',
      draw(one, inner),
      index < entries.length - 1 ? ',\n' : '\n',
    ]),
    indent,
    list ? ']' : '}',
  ]
}

export function Copy({ text, label }: { readonly text: string; readonly label: string }): JSX.Element {
  return (
    <button
      type="button"
      class="button slight icon"
      aria-label={label}
      title={label}
      onClick={() => void navigator.clipboard?.writeText(text).catch(() => undefined)}
    >
      <Icon name="copy" size={14} />
    </button>
  )
}
