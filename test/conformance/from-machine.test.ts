// Unmodified XState machines under `fromMachine`, killed at every commit: they end as they do undisturbed.

import { describe, expect, test } from 'vitest'
import { guests } from '../engine/guests/all.ts'
import { endDurable, endPlain } from '../engine/guests/drive.ts'

describe.each(guests)('the machine "$name"', (guest) => {
  test('ends in a supervisor as under plain XState', async () => {
    const { machine, result } = await endDurable(guest)
    expect({ machine, result }).toEqual(await endPlain(guest))
    expect(machine).toMatchObject({ value: guest.ends })
  })

  test('ends the same when it leaves memory whenever it waits', async () => {
    const { machine, result } = await endDurable(guest, [], 0)
    expect({ machine, result }).toEqual(await endPlain(guest))
  })

  test.each([true, false])('ends the same when killed at every commit (written: %s)', async (written) => {
    const undisturbed = await endDurable(guest)
    expect(undisturbed.batches).toBeGreaterThan(3)
    for (let at = 1; at <= undisturbed.batches; at++) {
      const { machine, result } = await endDurable(guest, [{ at, written }])
      expect({ at, machine, result }).toEqual({
        at,
        machine: undisturbed.machine,
        result: undisturbed.result,
      })
    }
  })

  test('ends the same when every process is killed at its second commit', async () => {
    const undisturbed = await endDurable(guest)
    const kills = Array.from({ length: 40 }, (_, index) => ({
      at: 3 + (index % 3),
      written: index % 2 === 0,
    }))
    const { machine, result } = await endDurable(guest, kills)
    expect({ machine, result }).toEqual({ machine: undisturbed.machine, result: undisturbed.result })
  })
})
