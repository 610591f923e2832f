// A line of those who wait: first in, first out, and fair between keys; joining, leaving and taking cost the same however long it is.

interface Place<T> {
  readonly value: T
  readonly key: string
  before: Place<T> | undefined
  after: Place<T> | undefined
  gone: boolean
}

interface Queue<T> {
  first: Place<T> | undefined
  last: Place<T> | undefined
}

/** Keys take turns; within a key, who came first goes first. */
export class Line<T> {
  readonly #queues = new Map<string, Queue<T>>()
  /** The keys that wait, by turn. An array with a moving start, since taking the first of a long one costs. */
  #turns: string[] = []
  #next = 0
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @returns leaves the line; says whether it was still in it. */
  join(value: T, key = ''): () => boolean {
    const place: Place<T> = { value, key, before: undefined, after: undefined, gone: false }
    const queue = this.#queues.get(key)
    if (queue === undefined) {
      this.#queues.set(key, { first: place, last: place })
      this.#turns.push(key)
    } else {
      place.before = queue.last
      if (queue.last === undefined) queue.first = place
      else queue.last.after = place
      queue.last = place
    }
    this.#size++
    return () => this.#remove(place)
  }

  /** Whose turn it is. */
  first(): T | undefined {
    return this.#head()?.value
  }

  /** Takes the one whose turn it is; its key's turn is over. */
  take(): T | undefined {
    const place = this.#head()
    if (place === undefined) return undefined
    this.#remove(place)
    this.#next++
    if (this.#queues.get(place.key)?.first === undefined) this.#queues.delete(place.key)
    else this.#turns.push(place.key)
    this.#compact()
    return place.value
  }

  /** Keys of which all have left are forgotten when their turn comes. */
  #head(): Place<T> | undefined {
    for (; this.#next < this.#turns.length; this.#next++) {
      const key = this.#turns[this.#next] as string
      const place = this.#queues.get(key)?.first
      if (place !== undefined) return place
      this.#queues.delete(key)
    }
    this.#compact()
    return undefined
  }

  #remove(place: Place<T>): boolean {
    if (place.gone) return false
    place.gone = true
    this.#size--
    const queue = this.#queues.get(place.key) as Queue<T>
    if (place.before === undefined) queue.first = place.after
    else place.before.after = place.after
    if (place.after === undefined) queue.last = place.before
    else place.after.before = place.before
    return true
  }

  #compact(): void {
    if (this.#next < 32 || this.#next * 2 < this.#turns.length) return
    this.#turns = this.#turns.slice(this.#next)
    this.#next = 0
  }
}
