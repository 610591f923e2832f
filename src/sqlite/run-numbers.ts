// Remembers the number and status of the runs in use, so that writing about a run need not look it up.

/** What the writer must know of a run: its number in the file, and under what other tables have it. */
export interface NumberedRun {
  readonly id: number
  /** The status it is counted under; null without a head. */
  status: string | null
  /** As in its head. */
  signals: string | null
}

export interface RunNumbers {
  /** The run, if the file or a batch on its way has it. */
  find(run: string): NumberedRun | undefined
  /** Gives a run that `find` does not know the next number. */
  add(run: string): NumberedRun
  /** Forgets what was not asked for lately; only while no batch is on its way. */
  tidy(): void
}

const generation = 16_384

/** `look` finds a run in the file; `last` is the highest number there. */
export function createRunNumbers(look: (run: string) => NumberedRun | undefined, last: number): RunNumbers {
  let recent = new Map<string, NumberedRun>()
  let older = new Map<string, NumberedRun>()
  let lastId = last
  return {
    find(run) {
      const known = recent.get(run)
      if (known) return known
      const found = older.get(run) ?? look(run)
      if (found) recent.set(run, found)
      return found
    },
    add(run) {
      const made = { id: ++lastId, status: null, signals: null }
      recent.set(run, made)
      return made
    },
    tidy() {
      if (recent.size < generation) return
      older = recent
      recent = new Map()
    },
  }
}
