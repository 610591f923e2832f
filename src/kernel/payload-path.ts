// How a refused payload is told: the path to the value, and what is wrong with it.

import { types } from 'node:util'

/** One step down into a payload: a key, an index, or the place in a Map or Set. */
export type Step = string | number | readonly ['key' | 'item', index: number] | readonly ['get', key: unknown]

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u
const longest = 12

/** `: rows[3].socket`, or nothing for the payload itself; the middle of a very long path is left out. */
export function pathOf(path: readonly Step[]): string {
  if (path.length === 0) return ''
  if (path.length > longest) return `: ${textOf(path.slice(0, 6))} ... ${textOf(path.slice(-3))}`
  return `: ${textOf(path)}`
}

function textOf(path: readonly Step[]): string {
  return path.map(stepText).join('').replace(/^\./, '')
}

function stepText(step: Step): string {
  if (typeof step === 'number') return `[${step}]`
  if (typeof step === 'string') return identifier.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`
  if (step[0] === 'get') return `.get(${keyText(step[1])})`
  return `.${step[0]}(${step[1]})`
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key)
  return typeof key === 'object' && key !== null ? '{...}' : String(key)
}

/** What is wrong with a value that cannot be stored, and what to do about it. */
export function blame(value: unknown): string {
  if (typeof value === 'function') return 'is a function; leave it out'
  if (typeof value === 'symbol') return 'is a symbol; use a string'
  if (types.isPromise(value)) return 'is a promise; await it first'
  if (types.isAnyArrayBuffer(value)) return 'is an ArrayBuffer; wrap it: new Uint8Array(buffer)'
  const name = className(value)
  if (Array.isArray(value)) return `is an instance of ${name}; return a plain array, as by [...value]`
  return `is an instance of ${name}; return plain data instead`
}

function className(value: unknown): string {
  const maker: unknown = (value as { constructor?: unknown }).constructor
  return typeof maker === 'function' && maker.name !== '' ? maker.name : 'a class'
}
