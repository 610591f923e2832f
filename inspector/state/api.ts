// Asks the server, by the token, always of its own origin; errors come as sentences.

import { signal } from '@preact/signals'
import type { Command, CommandReply, Hello, Problem } from '../../src/inspector/protocol.ts'
import { tokenOf } from './route.ts'

export class Trouble extends Error {
  readonly code: string
  constructor({ code, message }: Problem) {
    super(message)
    this.code = code
  }
}

/** Whether the server knows us; undefined until it was asked. */
export const known = signal<boolean | undefined>(undefined)
export const hello = signal<Hello | undefined>(undefined)

/** Where the app is served, also when it is mounted below a path. */
export function address(path: string): string {
  return new URL(`.${path}`, new URL('.', location.href)).href
}

export function headers(): Record<string, string> {
  return { authorization: `Bearer ${tokenOf() ?? ''}` }
}

export async function get<T>(path: string, abort?: AbortSignal): Promise<T> {
  const response = await fetch(address(path), { headers: headers(), ...(abort && { signal: abort }) })
  return answer<T>(response)
}

/** Has the browser save a file that the server makes. */
export async function save(path: string, name: string): Promise<void> {
  const response = await fetch(address(path), { headers: headers() })
  if (!response.ok) return answer(response)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

async function answer<T>(response: Response): Promise<T> {
  if (response.status === 401) known.value = false
  const body: unknown = await response.json().catch(() => ({
    code: 'UNREADABLE',
    message: `the server answered ${response.status} with something that is no JSON`,
  }))
  if (!response.ok) throw new Trouble(body as Problem)
  known.value = true
  return body as T
}

export async function greet(): Promise<void> {
  hello.value = await get<Hello>('/api/hello')
}

/** Carries out a command; a refusal is a reply as well. */
export async function command(asked: Command): Promise<CommandReply> {
  try {
    const response = await fetch(address('/api/command'), {
      method: 'POST',
      headers: { ...headers(), 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    })
    const body = (await response.json()) as CommandReply | Problem
    if ('ok' in body) return body
    return { ok: false, ...body }
  } catch (error) {
    return { ok: false, code: 'UNREACHABLE', message: `the server did not answer: ${String(error)}` }
  }
}
