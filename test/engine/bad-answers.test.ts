// What authors hand over and answer may be odd: it fails what it belongs to, and nothing else.

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, test } from 'vitest'
import { chain } from '../../src/chain/create-chain.ts'
import { createRig } from './rig.ts'

const schema = (validate: () => unknown): StandardSchemaV1<unknown, number> => ({
  '~standard': { version: 1, vendor: 'test', validate: validate as () => { value: number } },
})

describe('a schema that answers later with what is no result', () => {
  const nothing = schema(async () => undefined)

  test('fails the attempt', async () => {
    const c = chain('c').step('s', () => 1, { output: nothing })
    const rig = await createRig([c])
    expect(await rig.until(rig.supervisor.settled(c))).toMatchObject({ status: 'failed' })
  })

  test('refuses the input', async () => {
    const c = chain('c', { input: nothing }).step('s', () => 1)
    const rig = await createRig([c])
    await expect(rig.until(rig.supervisor.run(c, 1))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  test('refuses the signal', async () => {
    const c = chain('c').wait('w', nothing)
    const rig = await createRig([c])
    const run = await rig.start(c)
    await expect(rig.until(run.signal('w', 1))).rejects.toMatchObject({ code: 'SIGNAL_INVALID' })
    expect(await run.status()).not.toBe('failed')
  })
})

test('a logger that throws does not fail the step that speaks to it', async () => {
  const c = chain('c').step('s', ({ log }) => {
    log.info('here')
    return 'done'
  })
  const broken = (): never => {
    throw new Error('no disk for logs')
  }
  const rig = await createRig([c], { logger: { info: broken, warn: broken, error: broken } })
  expect(await rig.until(rig.supervisor.run(c))).toBe('done')
})
