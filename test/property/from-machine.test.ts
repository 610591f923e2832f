// Generated scripts and kills: whatever comes to a machine, and whenever its process dies, it ends as undisturbed.

import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { guests } from '../engine/guests/all.ts'
import { endDurable, endPlain } from '../engine/guests/drive.ts'

/** Further apart than all that follows from one event, so that an attempt that runs again changes no order. */
const apart = 7_919

const runs = Number(process.env['CATENARY_RUNS'] ?? 15)

// plain XState warns of events to actors that are over
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))

describe.each(guests)('the machine "$name", told anything', (guest) => {
  const events = [...new Map(guest.script.map(([, event]) => [JSON.stringify(event), event])).values()]
  const scripts = fc.array(
    events.length === 0 ? fc.constant({ type: 'NOTHING' }) : fc.constantFrom(...events),
    {
      maxLength: 12,
    },
  )
  // an attempt that is lost three times is a dead letter
  const kills = fc.array(fc.record({ at: fc.integer({ min: 1, max: 20 }), written: fc.boolean() }), {
    maxLength: 2,
  })

  test('and killed anywhere, ends as under plain XState', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, kills, async (told, killed) => {
        const one = {
          ...guest,
          script: told.map((event, index) => [(index + 1) * apart, event] as const),
          until: 300 * 86_400_000,
        }
        const { machine, result } = await endDurable(one, killed)
        expect({ machine, result }).toEqual(await endPlain(one))
      }),
      { numRuns: runs },
    )
  })
})
