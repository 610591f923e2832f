// A payload to be sent, as JSON that is checked as it is typed.

import { useEffect, useRef, useState } from 'preact/hooks'
import type { JSX } from 'preact'

export interface SendFormProps {
  readonly open: boolean
  readonly title: string
  readonly says: string
  /** What the field begins with. */
  readonly payload: unknown
  readonly close: () => void
  /** Resolves with whether it was taken; `id` is the same for each try of the same form. */
  readonly send: (payload: unknown, id: string) => Promise<boolean>
  readonly sent: () => void
}

export function SendForm({ open, title, says, payload, close, send, sent }: SendFormProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useRef('')
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    if (open) {
      id.current = `inspector-${crypto.randomUUID()}`
      setText(payload === undefined ? '' : JSON.stringify(payload, undefined, 2))
      if (dialog.current?.open === false) dialog.current.showModal()
    } else dialog.current?.close()
  }, [open])
  const read = parse(text)
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault()
    if (!read.good) return
    setBusy(true)
    const taken = await send(read.value, id.current)
    setBusy(false)
    if (!taken) return
    close()
    sent()
  }
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <form onSubmit={(event) => void submit(event)}>
        <h2>{title}</h2>
        <p class="muted">{says}</p>
        <label class="stack-small">
          Payload, as JSON
          <textarea
            spellcheck={false}
            rows={6}
            value={text}
            aria-invalid={!read.good}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="small tone-bad" role="status">
          {read.good ? '' : read.problem}
        </p>
        <div class="actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button first" disabled={busy || !read.good}>
            Send
          </button>
        </div>
      </form>
    </dialog>
  )
}

function parse(
  text: string,
): { readonly good: true; readonly value: unknown } | { readonly good: false; readonly problem: string } {
  if (text.trim() === '') return { good: true, value: undefined }
  try {
    return { good: true, value: JSON.parse(text) }
  } catch (error) {
    return { good: false, problem: `This is no JSON: ${(error as Error).message}` }
  }
}
