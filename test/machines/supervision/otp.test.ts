// Over random supervisors, failures and calls: without backoff and with reviveStopped, ours does what OTP's does.

import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { groups, ids } from './arbitrary.ts'
import { createOtp } from './otp.ts'
import { createWorld, type World } from './world.ts'

const deeds = fc.array(
  fc.record({
    what: fc.constantFrom('exit', 'exit', 'exit', 'terminate-child', 'restart-child', 'delete-child'),
    child: fc.constantFrom(...ids),
    reason: fc.constantFrom('normal', 'shutdown', 'error', 'killed'),
    after: fc.integer({ min: 0, max: 3_000 }),
  }),
  { maxLength: 30 },
)
/** What becomes of each start of each child, in turn. */
const starts = fc.dictionary(
  fc.constantFrom(...ids),
  fc.array(fc.constantFrom('started', 'started', 'started', 'failed'), { maxLength: 8 }),
)

const doings = (world: World): readonly string[] =>
  world
    .said()
    .filter((one) => /^(start|stop|kill) |^ended/.test(one))
    .map((one) => one.replace(/^ended.*/, 'ended').replace('kill', 'stop'))

test('it starts, stops, answers and ends as supervisor.erl does', () => {
  fc.assert(
    fc.property(groups({ reviveStopped: true }), starts, deeds, (spec, outcomes, story) => {
      const tried = new Map<string, number>()
      const otp = createOtp(spec, (id) => {
        const nth = tried.get(id) ?? 0
        tried.set(id, nth + 1)
        return outcomes[id]?.[nth] !== 'failed'
      })
      const world = createWorld(spec, { starts: outcomes })
      otp.init()
      let at = 0
      for (const { what, child, reason, after } of story) {
        at += after
        world.pass(after)
        if (what === 'exit') {
          otp.exit(child, reason, at)
          world.tell({ type: 'exited', child, reason })
          continue
        }
        const answer = world.ask({ ask: what, child })
        if (!otp.alive) expect(answer).toEqual({ ok: false, error: 'noproc' })
        else {
          const theirs =
            what === 'terminate-child'
              ? otp.terminate(child)
              : what === 'restart-child'
                ? otp.again(child)
                : otp.delete(child)
          expect(answer?.ok === false ? answer.error : 'ok').toBe(theirs)
          const which = world.ask({ ask: 'which-children' })
          const listed = which?.ok === true && 'children' in which ? which.children : []
          expect(listed.map(({ id, status }) => `${id} ${status}`)).toEqual(otp.which())
        }
      }
      if (otp.alive) otp.stop()
      world.tell({ type: 'stop' })
      expect(doings(world)).toEqual(otp.said)
    }),
    { numRuns: 2_000 },
  )
})
