// Watches the config in a journal: each change a version of its own, and attempts that keep to what they record.

import type { JournalEvent } from '../../journal/event.ts'
import { decode } from '../../kernel/codec.ts'
import { type Config, type ConfigChange, createConfig } from '../../supervision/config.ts'
import type { Failure } from '../../kernel/failure.ts'
import type { Proof } from './proof.ts'

export interface ConfigWatch {
  see(event: JournalEvent): void
  /** As the last change that was seen has left it. */
  readonly current: Readonly<Config>
  /** Whether it is of no use to try a step again after such a failure. */
  isHopeless(step: string, failure: Failure): boolean
  /** The most attempts in flight that the config has ever allowed. */
  readonly widest: number
  /** The most attempts that a step may have had under any config so far; `told` is what its author said. */
  attempts(step: string, told: number): number
  /** The fewest. */
  leastAttempts(step: string, told: number): number
}

type Started = JournalEvent & { readonly type: 'attempt.started' }

export function createConfigWatch(
  proof: Proof,
  base: Pick<Config, 'concurrency' | 'hibernateAfter'>,
): ConfigWatch {
  const config = createConfig({ ...base, steps: {} })
  const versions = [config.current]
  /** The attempt that began last, until it is known whether it is over at once, without a slot. */
  let begun: Started | undefined
  /** Up to where the journal is copied by a fork: what began there was judged where it began. */
  let copiedTo = 0

  const change = ({
    version,
    seq,
    payload = '',
  }: JournalEvent & { readonly type: 'config.changed' }): void => {
    proof.check('config', version === versions.length, () => `version ${version} at seq ${seq}`)
    config.replay({ ...(decode(payload) as ConfigChange), version })
    versions.push(config.current)
  }
  const judge = ({ config: version, inFlight, seq }: Started): void => {
    const known = versions[version]
    const where = `attempt at seq ${seq}`
    proof.check(
      'config',
      known !== undefined,
      () => `${where} began under config ${version}, which is not written`,
    )
    const most = known?.concurrency ?? 0
    proof.check('config', inFlight <= most, () => `${where} is number ${inFlight} of ${most} in flight`)
  }
  /** It was refused, or took what was made before. */
  const tookNoSlot = (event: JournalEvent, { run, chain, step, item, attempt }: Started): boolean =>
    ((event.type === 'attempt.failed' && event.failure.kind !== 'thrown') ||
      (event.type === 'attempt.succeeded' && event.memo !== undefined)) &&
    JSON.stringify([run, chain, step, item, attempt]) ===
      JSON.stringify([event.run, event.chain, event.step, event.item, event.attempt])

  return {
    get current() {
      return config.current
    },
    isHopeless: (step, failure) => isHopeless(config.current, step, failure),
    get widest() {
      return Math.max(...versions.map(({ concurrency }) => concurrency))
    },
    leastAttempts: (step, told) =>
      Math.min(told, ...versions.map(({ steps }) => steps[step]?.attempts ?? told)),
    attempts: (step, told) => Math.max(told, ...versions.map(({ steps }) => steps[step]?.attempts ?? told)),
    see(event) {
      if (begun !== undefined && !tookNoSlot(event, begun)) judge(begun)
      begun = undefined
      if (event.type === 'config.changed') change(event)
      if (event.type === 'run.accepted') copiedTo = event.seq + (event.origin?.copied ?? 0)
      // what stands in for a step, or undoes one, takes no slot
      if (event.type === 'attempt.started' && !event.step.includes(':') && event.seq > copiedTo) begun = event
    },
  }
}

export function isHopeless(
  { steps }: Pick<Config, 'steps'>,
  step: string,
  { kind, name, code }: Failure,
): boolean {
  return (steps[step]?.nonRetryable ?? []).some((one) => one === kind || one === name || one === code)
}
