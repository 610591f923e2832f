// Aborts a signal that author code listens to: what a listener throws is told, where Node would end the process.

type Listener = Parameters<AbortSignal['addEventListener']>[1]
type Wrapped = (this: AbortSignal, event: Event) => void

/** An abort controller whose signal may be given to author code. */
export interface Aborter {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

/** What listeners threw goes here, by signal. */
const told = new WeakMap<AbortSignal, (error: unknown) => void>()
const wraps = new WeakMap<AbortSignal, WeakMap<object, Wrapped>>()
const onaborts = new WeakMap<AbortSignal, unknown>()
const native = AbortSignal.prototype
// what is behind `signal.onabort`
const nativeOnabort = Object.getOwnPropertyDescriptor(native, 'onabort')

/** What signals that are guarded have instead of `AbortSignal.prototype`, and otherwise inherit from it. */
const guarded: object = Object.create(native, {
  addEventListener: {
    configurable: true,
    writable: true,
    value(this: AbortSignal, type: string, listener: Listener, ...rest: readonly never[]): void {
      native.addEventListener.call(this, type, wrapped(this, listener), ...rest)
    },
  },
  removeEventListener: {
    configurable: true,
    writable: true,
    value(this: AbortSignal, type: string, listener: Listener, ...rest: readonly never[]): void {
      native.removeEventListener.call(this, type, wrapped(this, listener), ...rest)
    },
  },
  onabort: {
    configurable: true,
    get(this: AbortSignal): unknown {
      return onaborts.get(this) ?? null
    },
    set(this: AbortSignal, listener: unknown) {
      const usable = typeof listener === 'function' ? wrapped(this, listener as Listener) : null
      onaborts.set(this, usable === null ? null : listener)
      nativeOnabort?.set?.call(this, usable)
    },
  },
})

/**
 * Signals that are derived from it, as by `AbortSignal.any`, are the author's own, and not guarded.
 *
 * @param failed told what a listener throws, or what it rejects with. Must not throw.
 */
export function createGuardedAborter(failed: (error: unknown) => void): Aborter {
  const controller = new AbortController()
  Object.setPrototypeOf(controller.signal, guarded)
  told.set(controller.signal, failed)
  return controller
}

/** The same for the same listener, as adding it twice adds it once, and removing it must find it. */
function wrapped(signal: AbortSignal, listener: Listener): Listener {
  if (typeof listener !== 'function' && (typeof listener !== 'object' || listener === null)) return listener
  let known = wraps.get(signal)
  if (known === undefined) wraps.set(signal, (known = new WeakMap()))
  let wrap = known.get(listener)
  if (wrap === undefined) known.set(listener, (wrap = wrapOf(listener)))
  return wrap
}

function wrapOf(listener: Exclude<Listener, null>): Wrapped {
  return function heard(this: AbortSignal, event) {
    const failed = (error: unknown): void => told.get(this)?.(error)
    try {
      const returned: unknown =
        typeof listener === 'function' ? listener.call(this, event) : listener.handleEvent(event)
      if (typeof returned !== 'object' || returned === null) return
      // in a promise of our own, so that whatever was returned is caught
      new Promise((resolve) => resolve(returned)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
