// What is wrong with the scripts of a harness: those under names that nothing calls would be taken, and do nothing.

import type { AnyChain } from '../../chain/any-chain.ts'
import { collect } from '../../chain/validate.ts'
import { type ChainSpec, type EntrySpec, type StepOptionsSpec, walk } from '../../definition/spec.ts'
import { isObject } from '../given.ts'

/** What is wrong with the names of scripts, and with what stands under them. */
export function scriptProblems(
  steps: unknown,
  chains: readonly AnyChain[],
  where: string,
): readonly string[] {
  if (steps === undefined) return []
  if (!isObject(steps)) return [`${where} takes steps as an object: give { fetch: succeed('Ada') }`]
  const [home] = chains
  const specs = new Map(collect(chains.map(({ spec }) => spec)).map((spec) => [spec.id, spec]))
  return Object.entries(steps).flatMap(([name, script]) => {
    const slash = name.indexOf('/')
    const of = specs.get(slash < 0 ? (home?.id ?? '') : name.slice(0, slash))
    const lost =
      of === undefined
        ? `steps has "${name}", and there is no such chain: there are ${[...specs.keys()].join(', ')}`
        : placeProblem(name, name.slice(slash + 1), of)
    const scripts: readonly unknown[] = Array.isArray(script) ? script : [script]
    const does =
      script === 'real' || (scripts.length > 0 && scripts.every((one) => typeof one === 'function'))
    return [
      ...(lost === undefined ? [] : [lost]),
      ...(does
        ? []
        : [
            `steps.${name} is no script: give succeed(value), fail(error), a function, a list of them, or 'real'`,
          ]),
    ]
  })
}

/** @param name as it was given. @param place without its chain. */
function placeProblem(name: string, place: string, of: ChainSpec): string | undefined {
  if (of.guest !== undefined)
    return `steps has "${name}", and chain "${of.id}" is a machine of your own, whose actors a harness does not script: provide them, as fromMachine('${of.id}', machine.provide({ actors }))`
  if (place === 'returning')
    return of.returns === undefined
      ? `steps has "${name}", and chain "${of.id}" has no returns(): it returns what its last step does`
      : undefined
  const [step = ''] = place.split(':', 1)
  const entries = [...walk(of.entries)]
  const entry = entries.find((one) => one.name === step)
  if (entry === undefined)
    return `steps has "${name}", and chain "${of.id}" has no such step: it has ${entries.map((one) => one.name).join(', ') || 'none'}`
  const places = placesOf(entry).map((part) => (part === '' ? step : `${step}:${part}`))
  if (places.includes(place)) return undefined
  const kind = `"${step}" of chain "${of.id}"`
  return places.length === 0
    ? `steps has "${name}", and ${kind} takes no script: ${cureOf(entry)}`
    : `steps has "${name}", and ${kind} has no such part: give ${places.join(' or ')}${
        place === step ? `; ${cureOf(entry)}` : ''
      }`
}

/** Behind which colons an entry has a function of its author, or '' for itself: what `createCast` has others stand in for. */
function placesOf(entry: EntrySpec): readonly string[] {
  switch (entry.kind) {
    case 'step':
      return ['', ...partsOf(entry.options)]
    case 'each':
      return [...(typeof entry.body === 'function' ? [''] : []), 'items', ...partsOf(entry.options)]
    case 'choose':
      return ['choice']
    case 'repeat':
      return ['until']
    case 'call':
      return ['input']
    case 'fail':
      return ['reason']
    case 'sleep':
      return typeof entry.until === 'function' ? ['due'] : []
    case 'wait':
    case 'parallel':
      return []
  }
}

function partsOf({ fallback, compensate, retryWhen }: StepOptionsSpec): readonly string[] {
  return [
    ...(fallback === undefined ? [] : ['fallback']),
    ...(compensate === undefined ? [] : ['compensation']),
    ...(retryWhen === undefined ? [] : ['recovery']),
  ]
}

/** What to do where the entry itself does nothing that a script could do instead. */
function cureOf(entry: EntrySpec): string {
  switch (entry.kind) {
    case 'wait':
      return `it waits for a signal, so send that by t.signal('${entry.name}', payload)`
    case 'sleep':
      return `it sleeps, so let time pass by t.advance()`
    case 'call':
      return `it calls a chain, so give scripts to steps of that, as '${entry.chain.id}/step', or needs: { '${entry.chain.id}': output }`
    case 'each':
      return typeof entry.body === 'function'
        ? 'it calls its function for each item'
        : `its items are chains, so give scripts to steps of those, as '${entry.body.id}/step', or needs: { '${entry.body.id}': output }`
    default:
      return 'it has no function of its own, so give scripts to the steps inside'
  }
}
