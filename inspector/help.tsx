// The sheet of all keys.

import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import { general, helpOpen, jumps, viewKeys } from './state/keys.ts'

export function Help(): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const open = helpOpen.value
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal()
    if (!open) dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} onClose={() => (helpOpen.value = false)} aria-labelledby="keys-title">
      <div class="inside">
        <h2 id="keys-title">Keyboard</h2>
        {viewKeys.value.length > 0 && (
          <Table title="This view" rows={viewKeys.value.map(({ key, does }) => [key, does] as const)} />
        )}
        <Table title="Go to" rows={jumps.map(({ key, label }) => [`g ${key}`, label] as const)} />
        <Table title="Everywhere" rows={general} />
        <div class="actions">
          <button type="button" class="button" onClick={() => (helpOpen.value = false)}>
            Close
          </button>
        </div>
      </div>
    </dialog>
  )
}

function Table({
  title,
  rows,
}: {
  readonly title: string
  readonly rows: readonly (readonly [string, string])[]
}): JSX.Element {
  return (
    <div class="stack-small">
      <h3 class="muted">{title}</h3>
      <dl class="keys">
        {rows.map(([keys, does]) => (
          <>
            <dt>
              {keys.split(/\s+/).map((key) => (
                <>
                  <kbd>{key}</kbd>{' '}
                </>
              ))}
            </dt>
            <dd>{does}</dd>
          </>
        ))}
      </dl>
    </div>
  )
}
