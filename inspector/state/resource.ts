// Something asked of the server that stays up to date: asked anew after each batch of events that may concern it.

import { effect, signal, type Signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { get } from './api.ts'
import { pulse } from './live.ts'

export interface Resource<T> {
  /** The last answer, also while it is asked anew. */
  readonly value: T | undefined
  readonly error: Error | undefined
  readonly reload: () => void
}

/** At most one request in so many ms. */
const paceMs = 250

/**
 * @param path below the server, with its query; null asks for nothing.
 * @param run only events of this run make it ask again; null: no event does. Default any.
 */
export function useResource<T>(path: string | null, run?: string | null): Resource<T> {
  const held = useMemo(() => ({ state: signal<Held<T>>({}), path: '' }), [])
  const reloadRef = useRef<() => void>(() => undefined)
  useEffect(() => {
    if (path === null) return undefined
    const { stop, reload } = keepUp(path, run, held.state)
    reloadRef.current = reload
    return stop
  }, [path, run, held])
  const { value, error, of } = held.state.value
  return { value: of === pathOf(path) ? value : undefined, error, reload: () => reloadRef.current() }
}

interface Held<T> {
  readonly value?: T | undefined
  readonly error?: Error | undefined
  /** The path without its query: another query of the same keeps what is shown until its answer is there. */
  readonly of?: string
}

const pathOf = (path: string | null): string => path?.split('?')[0] ?? ''

function keepUp<T>(
  path: string,
  run: string | null | undefined,
  state: Signal<Held<T>>,
): { readonly stop: () => void; readonly reload: () => void } {
  let abort: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false
  let again = false
  const ask = async (): Promise<void> => {
    asking = true
    again = false
    abort = new AbortController()
    try {
      const value = await get<T>(path, abort.signal)
      state.value = { value, of: pathOf(path) }
    } catch (error) {
      if (abort.signal.aborted) return
      const { value, of } = state.value
      state.value = of === pathOf(path) ? { value, of, error: error as Error } : { error: error as Error }
    }
    timer = setTimeout(() => {
      asking = false
      if (again) void ask()
    }, paceMs)
  }
  const reload = (): void => {
    if (asking) again = true
    else void ask()
  }
  let first = true
  const unhear = effect(() => {
    const { runs } = pulse.value
    if (first) first = false
    else if (run === null) return
    else if (run !== undefined && runs !== 'all' && !runs.has(run)) return
    reload()
  })
  return {
    stop: () => {
      unhear()
      abort?.abort()
      clearTimeout(timer)
    },
    reload,
  }
}
