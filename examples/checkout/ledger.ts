// The ledger: double entries in a file that outlives everything, each forced to the disk before anybody hears of it.

import { open, readFile } from 'node:fs/promises'

export interface Entry {
  /** Booked once, whoever asks how often. */
  readonly key: string
  readonly from: string
  readonly to: string
  readonly amount: number
}

/** A service beyond our own transactions: all it promises is that a key is booked once, or never again. */
export interface Ledger {
  book(entry: Entry): Promise<void>
  /** Takes back what was booked under a key. What is still under way under it is refused when it comes. */
  void(key: string): Promise<void>
}

type Line = ({ readonly do: 'book' } & Entry) | { readonly do: 'void'; readonly key: string }

/** What a ledger's lines come to. */
export class Books {
  readonly #entries = new Map<string, Entry>()
  readonly #voided = new Set<string>()

  /** @returns whether it changes anything; throws where the key was voided. */
  accepts(line: Line): boolean {
    if (line.do === 'void') return !this.#voided.has(line.key)
    if (this.#voided.has(line.key)) throw new Error(`"${line.key}" was voided: it is not booked any more`)
    return !this.#entries.has(line.key)
  }

  take(line: Line): void {
    if (line.do === 'book') this.#entries.set(line.key, line)
    else this.#voided.add(line.key)
  }

  /** What stands: booked, and not taken back. */
  standing(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ key }) => !this.#voided.has(key))
  }

  /** What each account holds; all together are nothing. */
  balances(): Readonly<Record<string, number>> {
    const balances: Record<string, number> = {}
    for (const { from, to, amount } of this.standing()) {
      balances[from] = (balances[from] ?? 0) - amount
      balances[to] = (balances[to] ?? 0) + amount
    }
    return balances
  }
}

/** The ledger in a file of JSON lines; one process at a time. */
export async function fileLedger(
  path: string,
): Promise<Ledger & { readonly books: Books } & AsyncDisposable> {
  const books = new Books()
  const text = await readFile(path, 'utf8').catch(() => '')
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  for (const line of whole.split('\n')) if (line !== '') books.take(JSON.parse(line) as Line)
  const file = await open(path, 'a')
  // a line that a crash has torn was told to nobody
  if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole))
  let last: Promise<void> = Promise.resolve()
  const write = async (line: Line): Promise<void> => {
    if (!books.accepts(line)) return
    await file.appendFile(`${JSON.stringify(line)}\n`)
    await file.sync()
    books.take(line)
  }
  const inTurn = async (line: Line): Promise<void> => {
    const done = last.then(async () => write(line))
    last = done.catch(() => {})
    return done
  }
  return {
    books,
    book: async (entry) => inTurn({ do: 'book', ...entry }),
    void: async (key) => inTurn({ do: 'void', key }),
    async [Symbol.asyncDispose]() {
      await last
      await file.close()
    },
  }
}
