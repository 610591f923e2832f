// From runs to a better config: a supervisor finds what is planted, a person applies it, and runs are as was foretold.

import { expect, test } from 'vitest'
import { suggest } from '../../src/reflection/suggest.ts'
import { createLab } from './lab.ts'
import { planted } from './planted.ts'

test('a supervisor finds retries that never help, and once told so, gives up at once', async () => {
  const lab = createLab(1)
  const { plant } = planted.find(({ kind }) => kind === 'futile-retry') ?? {}
  const { chains, starts } = plant?.(lab, 0.4) ?? { chains: [], starts: [] }
  const { rig, records, declaration, recorded, now } = await lab.observe(chains, starts)
  const { reflector, config } = rig.supervisor
  const [found, ...others] = await rig.until(reflector.suggestions())
  expect(others).toEqual([])
  expect(found).toMatchObject({ kind: 'futile-retry', state: 'open' })
  // whoever reads the journal alone comes to the same
  const [alone] = suggest({ records, declaration, config: recorded, now })
  expect(alone).toMatchObject({ id: found?.id, sentence: found?.sentence, gain: found?.gain })

  await rig.until(reflector.apply(found?.id ?? '', { trial: false }))
  expect(config.current.steps).toEqual({ 'c/ask': { nonRetryable: ['E_GONE'] } })
  const before = rig.told('attempt.started').length
  const ids = starts.slice(0, 100).map((_, index) => `later-${index}`)
  for (const id of ids) await rig.until((await rig.start(chains[0] as never, 0, { id })).settled())
  expect(rig.told('attempt.started').length - before).toBe(100)
})
