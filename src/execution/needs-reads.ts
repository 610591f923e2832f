// Notes which of the outputs that a chain needs its author's code ever reads: the first read of each name, told once.

interface Watch {
  /** What the author's code is handed: the same values behind getters. */
  readonly view: object
  readonly noted: Set<string>
  /** Read, and not taken yet. */
  fresh: string[] | undefined
}

/** By what a chain's context has as `needs`: an entry for each chain whose author's code asks for them at all. */
const watches = new WeakMap<object, Watch>()

/**
 * `needs` as the author's code is to be handed it. Getters and no proxy, so that it can be cloned, spread and encoded
 * as what it stands for; whoever does that has read all of it.
 */
export function watched<N>(needs: N): N {
  if (typeof needs !== 'object' || needs === null) return needs
  let watch = watches.get(needs)
  if (watch === undefined) {
    const names = Object.keys(needs)
    if (names.length === 0) return needs
    watch = beginWatch(needs as Readonly<Record<string, unknown>>, names)
    watches.set(needs, watch)
  }
  return watch.view as N
}

/** The names read for the first time since it was last asked; undefined of none. */
export function takeReads(needs: unknown): readonly string[] | undefined {
  const watch = watches.get(needs as object)
  const fresh = watch?.fresh
  if (watch === undefined || fresh === undefined) return undefined
  watch.fresh = undefined
  return fresh
}

function beginWatch(needs: Readonly<Record<string, unknown>>, names: readonly string[]): Watch {
  const view = {}
  const watch: Watch = { view, noted: new Set(), fresh: undefined }
  const read = (name: string): unknown => {
    if (!watch.noted.has(name)) {
      watch.noted.add(name)
      watch.fresh ??= []
      watch.fresh.push(name)
    }
    return needs[name]
  }
  for (const name of names) Object.defineProperty(view, name, { enumerable: true, get: () => read(name) })
  // who prints it wants to see values; and has read them
  Object.defineProperty(view, inspect, { value: () => ({ ...view }) })
  return watch
}

const inspect = Symbol.for('nodejs.util.inspect.custom')
