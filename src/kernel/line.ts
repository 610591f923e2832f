// A line of those who wait: first in, first out, and fair between keys; joining, leaving and taking cost the same however long it is.

interface Place<T> {
  readonly value: T
  readonly key: string
  before: Place<T> | undefined
  after: Place<T> | undefined
  gone: boolean
}

interface Queue<T> {
  readonly key: string
  first: Place<T> | undefined
  last: Place<T> | undefined
}

/** Keys take turns; within a key, who came first goes first. */
export class Line<T> {
  readonly #queues = new Map<string, Queue<T>>()
  /** The keys that wait, by turn; and empty queues of keys that have left, whose turns are skipped. */
  #turns: Queue<T>[] = []
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
      const begun = { key, first: place, last: place }
      this.#queues.set(key, begun)
      this.#turns.push(begun)
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
    const queue = this.#turns[this.#next++] as Queue<T>
    this.#remove(place)
    if (queue.first !== undefined) this.#turns.push(queue)
    this.#compact()
    return place.value
  }

  #head(): Place<T> | undefined {
    for (; this.#next < this.#turns.length; this.#next++) {
      const place = this.#turns[this.#next]?.first
      if (place !== undefined) return place
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
    // a key of which all have left begins anew, behind the others
    if (queue.first === undefined) this.#queues.delete(queue.key)
    return true
  }

  /** The array's start moves, since taking the first of a long one costs. */
  #compact(): void {
    if (this.#next < 32 || this.#next * 2 < this.#turns.length) return
    this.#turns = this.#turns.slice(this.#next)
    this.#next = 0
  }
}
