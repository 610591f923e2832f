// What the reflector of a watched world is told would be better: some of it is, some does nothing, some does harm.

import type { JsonPatch, Suggestion } from '../../../src/reflection/suggestion.ts'
import { suggested } from '../../reflection/suggested.ts'

export type Effect = 'helps' | 'nothing' | 'harms' | 'unclear'

export interface Tried {
  readonly suggestion: Suggestion
  readonly effect: Effect
}

/** The entries of the config that they are about. */
export const place = 'batch/each0'
const pointer = '/steps/batch~1each0'

const gain = { unit: 'ms', estimate: 1, low: 1, high: 1, level: 0.9, by: 'arithmetic' } as const
function tried(
  id: string,
  effect: Effect,
  patch: readonly JsonPatch[],
  more: Partial<Suggestion> = {},
): Tried {
  const suggestion = suggested({ id, place: { chain: 'batch' }, sentence: `${id} of batch`, patch, ...more })
  return { suggestion, effect }
}

const step = (value: object): JsonPatch => ({ op: 'add', path: pointer, value })

/** By id. */
export const allTried: ReadonlyMap<string, Tried> = new Map(
  [
    tried('faster', 'helps', [step({ inFlight: 2 })]),
    tried('apart', 'unclear', [{ op: 'add', path: '/edges/batch<-load', value: 'dropped' }], {
      class: 'B',
      place: { chain: 'batch', edge: 'batch<-load' },
    }),
    tried('useless', 'nothing', [step({ attempts: 4 })]),
    tried('hasty', 'harms', [step({ timeout: 50 })]),
    tried('futile', 'harms', [step({ nonRetryable: ['Hiccup'], inFlight: 2 })]),
    tried('strict', 'harms', [step({ attempts: 1 })], { gain: { objective: 'attempts', ...gain } }),
    tried('narrow', 'unclear', [{ op: 'replace', path: '/concurrency', value: 1 }]),
    tried('wide', 'unclear', [{ op: 'replace', path: '/concurrency', value: 12 }]),
  ].map((one) => [one.suggestion.id, one]),
)

/** What those that do harm would have the config say. */
export const harms: readonly string[] = [...allTried.values()].flatMap(({ effect, suggestion }) =>
  effect === 'harms'
    ? (suggestion.patch ?? []).flatMap((one) => ('value' in one ? [JSON.stringify(one.value)] : []))
    : [],
)

/** Of these ids, for a config of that version: it must be so still where it is applied. */
export function suggestionsOf(
  ids: readonly string[],
  version: number,
  tests: boolean,
): readonly Suggestion[] {
  return ids.flatMap((id) => {
    const { suggestion } = allTried.get(id) ?? {}
    if (suggestion === undefined) return []
    const { patch = [] } = suggestion
    const test: JsonPatch = { op: 'test', path: '/version', value: version }
    return [{ ...suggestion, patch: tests ? [test, ...patch] : patch, config: version }]
  })
}
