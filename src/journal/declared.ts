// The fold of what supervisors declared: each start tells what differs from the last one, so that a deploy costs what it changed.

import type { ChainDeclaration, Declaration } from '../definition/declaration.ts'
import { decode, encode, hash } from '../kernel/codec.ts'
import type { Fact, JournalEvent, Payload } from './event.ts'

/** What is declared and not of a chain. */
export type Besides = Pick<Declaration, 'services' | 'concurrency'>

/** What a supervisor declares: chains by their hash, in full only where that is asked for. */
export interface Declaring {
  readonly chains: readonly {
    readonly id: string
    readonly hash: string
    declare(): ChainDeclaration
  }[]
  readonly besides: Besides
}

interface Payloaded {
  readonly chains: readonly ChainDeclaration[]
  readonly besides?: Besides
}

/** The newest of a chain, also of one that is declared no more: it may come back as it was. */
interface Known {
  readonly hash: string
  readonly told: Told
}

/** What one event told; read when somebody asks, as a start needs only the hashes. */
class Told {
  #payload: Payload | undefined
  #chains: ReadonlyMap<string, ChainDeclaration> | undefined
  #besides: Besides | undefined

  constructor(payload: Payload) {
    this.#payload = payload
  }

  get besides(): Besides | undefined {
    this.#read()
    return this.#besides
  }

  chain(id: string): ChainDeclaration | undefined {
    return this.#read().get(id)
  }

  /** @returns whether there was anything left to read. */
  read(): boolean {
    const left = this.#chains === undefined
    this.#read()
    return left
  }

  #read(): ReadonlyMap<string, ChainDeclaration> {
    if (this.#chains !== undefined) return this.#chains
    const { chains, besides } = decode(this.#payload ?? '') as Payloaded
    this.#payload = undefined
    this.#besides = besides
    this.#chains = new Map(chains.map((chain) => [chain.id, chain]))
    return this.#chains
  }
}

/** So many chains are told in one event. */
const mostTold = 200

export class Declared {
  readonly #known = new Map<string, Known>()
  readonly #there = new Set<string>()
  #besides: { readonly hash: string; readonly told: Told } | undefined
  #whole: Declaration | undefined
  #hash: string | undefined

  /** What was declared last; undefined before anything was. */
  get declaration(): Declaration | undefined {
    if (this.#besides === undefined) return undefined
    this.#whole ??= {
      chains: [...this.#there].flatMap((id) => this.chain(id) ?? []),
      services: [],
      concurrency: 0,
      ...this.#besides?.told.besides,
    }
    return this.#whole
  }

  /** Reads ahead what `declaration` is made of, an event at a time: all at once takes long where much is declared. */
  *reading(): Generator<undefined, void, undefined> {
    for (const id of this.#there) if (this.#known.get(id)?.told.read() === true) yield
  }

  /** What was declared last of a chain, also where it is no more. */
  chain(id: string): ChainDeclaration | undefined {
    return this.#known.get(id)?.told.chain(id)
  }

  /** The hash by which the last start named it all; undefined before one did. */
  get hash(): string | undefined {
    return this.#hash
  }

  /** Takes in an event of the engine; leaves all others out. */
  apply(event: JournalEvent): void {
    if (event.type === 'engine.started') this.#hash = event.declared
    if (event.type !== 'engine.declared') return
    this.#whole = undefined
    const told = event.payload === undefined ? undefined : new Told(event.payload)
    const again = new Set(event.again)
    for (const [id, of] of Object.entries(event.chains)) {
      const known = again.has(id) ? this.#known.get(id)?.told : told
      if (known === undefined) continue
      this.#known.set(id, { hash: of, told: known })
      this.#there.add(id)
    }
    for (const id of event.gone ?? []) this.#there.delete(id)
    if (told !== undefined && event.besides !== undefined) this.#besides = { hash: event.besides, told }
  }

  /** What a supervisor with this to declare records as it starts: next to nothing where nothing has changed. */
  start(epoch: number, { chains, besides }: Declaring): readonly Fact[] {
    const ids = new Set(chains.map(({ id }) => id))
    const gone = [...this.#there].filter((id) => !ids.has(id))
    const isKnown = (one: Declaring['chains'][number]): boolean => this.#known.get(one.id)?.hash === one.hash
    const changed = chains.filter((one) => !this.#there.has(one.id) || !isKnown(one))
    const others = hash(JSON.stringify(besides)).slice(0, 16)
    const othersToo = others !== this.#besides?.hash
    const facts: Fact[] = []
    const some = changed.length > 0 || gone.length > 0 || othersToo
    for (let from = 0; from < changed.length || (some && from === 0); from += mostTold) {
      const told = changed.slice(from, from + mostTold)
      const first = from === 0
      const again = told.filter(isKnown).map(({ id }) => id)
      const fresh = told.filter((one) => !isKnown(one)).map((one) => one.declare())
      const payload = { chains: fresh, ...(first && othersToo ? { besides } : {}) }
      facts.push({
        type: 'engine.declared',
        chains: Object.fromEntries(told.map(({ id, hash: of }) => [id, of])),
        ...(again.length > 0 ? { again } : {}),
        ...(first && gone.length > 0 ? { gone } : {}),
        ...(first && othersToo ? { besides: others } : {}),
        ...(fresh.length > 0 || 'besides' in payload ? { payload: encode(payload, 'declaration') } : {}),
      })
    }
    const all = chains.map(({ id, hash: of }) => `${id} ${of}`).sort()
    return [
      ...facts,
      { type: 'engine.started', epoch, declared: hash([...all, others].join('\n')).slice(0, 16) },
    ]
  }
}

/** What the last supervisor of a store declared, from the rows of run ''. */
export function declaredIn(events: Iterable<JournalEvent>): Declared {
  const declared = new Declared()
  for (const event of events) declared.apply(event)
  return declared
}
