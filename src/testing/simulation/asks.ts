// What was asked of the processes of a simulation and not answered yet; the dead answer nothing.

import { CatenaryError } from '../../kernel/errors.ts'
import type { Host } from './host.ts'
import type { Proof } from './proof.ts'

/** An error's code, `no process`, or undefined where it was done. */
export type Answered = (error: string | undefined) => void

export interface Asks {
  /** @param by whom to ask; by default whoever can be asked, drawn anew each time. */
  ask(what: string, call: (host: Host) => Promise<unknown>, answered: Answered, by?: Host): void
  /** Counts an answer, which is fine where it says that there was nobody to ask, or one of `allowed`. */
  expect(error: string, what: string, allowed: readonly string[]): void
  /** The process has died: what it was asked is never answered. */
  died(): void
  /** What a living process has not answered. */
  unanswered(): readonly string[]
}

interface Asked {
  readonly what: string
  readonly host: Host
  readonly answered: Answered
}

const outOfService: readonly string[] = [
  'no process',
  'STORE_UNAVAILABLE',
  'SUPERVISOR_STOPPED',
  // a client's: there is no executor, or it could not judge
  'EXECUTOR_ABSENT',
  'COMMAND_KEPT',
]

export function createAsks(
  proof: Proof,
  current: () => Host | undefined,
  heard: (line: string) => void,
): Asks {
  const pending = new Set<Asked>()
  return {
    ask(what, call, answered, by) {
      const host = by ?? current()
      if (host === undefined) return answered('no process')
      const asked = { what, host, answered }
      pending.add(asked)
      const hear = (error?: Error): void => {
        if (!host.clock.alive || !pending.delete(asked)) return
        heard(`${what}: ${error === undefined ? 'done' : String(error)}`)
        answered(error === undefined ? undefined : CatenaryError.is(error) ? error.code : String(error))
      }
      call(host).then(
        () => hear(),
        (error: Error) => hear(error),
      )
    },
    expect(error, what, allowed) {
      const fine = outOfService.includes(error) || allowed.includes(error)
      proof.check('answered', fine, () => `${what} was refused: ${error}`)
    },
    died() {
      for (const asked of pending) {
        if (asked.host.clock.alive) continue
        pending.delete(asked)
        asked.answered('no process')
      }
    },
    unanswered: () => [...pending].flatMap(({ what, host }) => (host.up ? [what] : [])),
  }
}
