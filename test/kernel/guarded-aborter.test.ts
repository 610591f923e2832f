import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createGuardedAborter } from '../../src/kernel/guarded-aborter.ts'

const bug = (): never => {
  throw new TypeError('bug')
}

describe('a guarded signal', () => {
  test('tells what its listeners throw or reject with, and the others hear all the same', async () => {
    const thrown: unknown[] = []
    const heard: unknown[] = []
    const aborter = createGuardedAborter((error) => void thrown.push(String(error)))
    const { signal } = aborter
    signal.addEventListener('abort', bug)
    signal.addEventListener('abort', { handleEvent: bug })
    signal.addEventListener('abort', (): unknown => Promise.reject(new Error('later')))
    Object.assign(signal, { onabort: bug })
    signal.addEventListener('abort', function (this: unknown, { type, target }) {
      heard.push(type, target === signal, this === signal)
    })
    aborter.abort('why')
    await sleep(0)
    expect(thrown).toEqual(['TypeError: bug', 'TypeError: bug', 'TypeError: bug', 'Error: later'])
    expect(heard).toEqual(['abort', true, true])
    expect(signal.reason).toBe('why')
  })

  test('hears a listener once however often it is added, and not once it is removed', () => {
    const aborter = createGuardedAborter(bug)
    const { signal } = aborter
    const heard: string[] = []
    const twice = (): void => void heard.push('twice')
    const gone = (): void => void heard.push('gone')
    signal.addEventListener('abort', twice)
    signal.addEventListener('abort', twice)
    signal.addEventListener('abort', gone)
    signal.removeEventListener('abort', gone)
    signal.addEventListener('abort', gone, { once: true, signal: AbortSignal.abort() })
    Object.assign(signal, { onabort: gone })
    expect(signal.onabort).toBe(gone)
    Object.assign(signal, { onabort: null })
    expect(signal.onabort).toBe(null)
    aborter.abort()
    expect(heard).toEqual(['twice'])
  })

  test('refuses a listener that is none, as any signal does, and has none under onabort', () => {
    const { signal } = createGuardedAborter(bug)
    expect(() => signal.addEventListener('abort', 5 as never)).toThrow(TypeError)
    for (const none of [5, 'text', null, undefined]) {
      Object.assign(signal, { onabort: none })
      expect(signal.onabort).toBe(null)
    }
  })

  test('asks nothing of what a listener returns that is no promise', async () => {
    const thrown: unknown[] = []
    const aborter = createGuardedAborter((error) => void thrown.push(error))
    for (const returned of [null, 5, 'text', undefined, {}, Promise.resolve(1)])
      aborter.signal.addEventListener('abort', (): unknown => returned)
    aborter.abort()
    await sleep(0)
    expect(thrown).toEqual([])
  })

  test('is a signal for everybody who takes one', async () => {
    const aborter = createGuardedAborter(bug)
    const { signal } = aborter
    expect(signal).toBeInstanceOf(AbortSignal)
    const derived = AbortSignal.any([signal, AbortSignal.timeout(60_000)])
    const fetched = expect(fetch('data:,x', { signal })).rejects.toThrow('why')
    const slept = expect(sleep(60_000, undefined, { signal })).rejects.toThrow('aborted')
    aborter.abort(new Error('why'))
    await fetched
    await slept
    expect(derived.aborted).toBe(true)
    expect(() => signal.throwIfAborted()).toThrow('why')
  })
})
