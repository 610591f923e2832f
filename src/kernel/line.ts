// A line of those who wait: first in, first out, and fair between keys; joining, leaving and taking cost the same however long it is.

interface Linked<T> {
  before: T | undefined
  after: T | undefined
}

/** A chain of nodes, any of which goes at once. */
class Links<N extends Linked<N>> {
  first: N | undefined
  #last: N | undefined

  add(node: N): void {
    node.before = this.#last
    node.after = undefined
    if (this.#last === undefined) this.first = node
    else this.#last.after = node
    this.#last = node
  }

  remove(node: N): void {
    if (node.before === undefined) this.first = node.after
    else node.before.after = node.after
    if (node.after === undefined) this.#last = node.before
    else node.after.before = node.before
  }
}

interface Place<T> extends Linked<Place<T>> {
  readonly value: T
  readonly queue: Queue<T>
  gone: boolean
}

/** Those of a key that wait; never empty. */
interface Queue<T> extends Linked<Queue<T>> {
  readonly key: string
  readonly places: Links<Place<T>>
}

/** Keys take turns; within a key, who came first goes first. A key of which all have left has no turn any more. */
export class Line<T> {
  readonly #queues = new Map<string, Queue<T>>()
  readonly #turns = new Links<Queue<T>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @returns leaves the line; says whether it was still in it. */
  join(value: T, key = ''): () => boolean {
    let queue = this.#queues.get(key)
    if (queue === undefined) {
      queue = { key, places: new Links(), before: undefined, after: undefined }
      this.#queues.set(key, queue)
      this.#turns.add(queue)
    }
    const place: Place<T> = { value, queue, before: undefined, after: undefined, gone: false }
    queue.places.add(place)
    this.#size++
    return () => this.#remove(place)
  }

  /** Whose turn it is. */
  first(): T | undefined {
    return this.#turns.first?.places.first?.value
  }

  /** Takes the one whose turn it is; its key's turn is over. */
  take(): T | undefined {
    const queue = this.#turns.first
    const place = queue?.places.first
    if (queue === undefined || place === undefined) return undefined
    this.#remove(place)
    if (queue.places.first !== undefined) {
      this.#turns.remove(queue)
      this.#turns.add(queue)
    }
    return place.value
  }

  #remove(place: Place<T>): boolean {
    if (place.gone) return false
    place.gone = true
    this.#size--
    const { queue } = place
    queue.places.remove(place)
    if (queue.places.first === undefined) {
      this.#turns.remove(queue)
      this.#queues.delete(queue.key)
    }
    return true
  }
}
