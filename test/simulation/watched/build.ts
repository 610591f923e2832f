// Builds the chains of a watched world, in the version that is deployed; how their steps do is up to the nature of it.

import type { AnyChain } from '../../../src/chain/any-chain.ts'
import { compile } from '../../../src/chain/compile.ts'
import { chain } from '../../../src/chain/create-chain.ts'
import { orderOnly } from '../../../src/chain/edge.ts'
import type { CompiledChain } from '../../../src/definition/compiled-chain.ts'
import type { StepContext } from '../../../src/definition/context.ts'
import type { SimulatedApp } from '../../../src/testing/simulation/build.ts'
import type { Nature } from './nature.ts'
import { type Family, items } from './shape.ts'

/** What functions of a watched world are given as `app`. */
export type WatchedApp = SimulatedApp & { readonly nature: Nature }

export interface Deployed {
  readonly chains: ReadonlyMap<string, AnyChain>
  readonly compiled: ReadonlyMap<string, CompiledChain>
}

const built = new Map<string, Deployed>()

/** The same structure in each version, so that what runs goes on. */
export function deploy(family: Family, version: number): Deployed {
  const key = JSON.stringify([family, version])
  let deployed = built.get(key)
  if (deployed === undefined) {
    const all = build(family, String(version))
    const chains = new Map(all.map((one) => [one.id, one]))
    const compiled = new Map(all.map(({ id, spec }) => [id, compile(spec)]))
    built.set(key, (deployed = { chains, compiled }))
  }
  return deployed
}

function build({ tells, attempts, waits }: Family, version: string): readonly AnyChain[] {
  const backoff = { initial: 100, jitter: 'none' } as const
  const load = chain<number>('load', { version }).step('read', work('load', 'read'), { attempts, backoff })
  const sum = chain<number>('sum', { version }).needs({ load }).step('add', work('sum', 'add'))
  const alone = chain<number>('batch', { version })
  const batch = (waits ? alone.needs({ load: orderOnly(load) }) : alone).each(
    'each0',
    () => items,
    (_: string, context: StepContext) => work('batch', 'each0')(context),
    {
      key: (item: string) => item,
      inFlight: 1,
      attempts: 3,
      backoff,
    },
  )
  const tell = chain<number>('tell').needs({ sum }).step('say', work('tell', 'say'), { attempts: 2, backoff })
  return [load, sum, batch, ...(tells ? [tell] : [])]
}

function work(of: string, name: string): (context: StepContext) => unknown {
  return (context) => {
    const { nature, perform } = context.app as WatchedApp
    return nature.suffer(of, perform(name, context), context)
  }
}
