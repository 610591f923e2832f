// Reads the JSON of a request: of one type, so much and no more, and within a time.

import type { Clock } from '../kernel/clock.ts'
import { Refusal } from './answers.ts'

export interface BodyLimits {
  /** Bytes. */
  readonly size: number
  /** Milliseconds. */
  readonly within: number
}

export async function readJson(
  request: Request,
  clock: Clock,
  { size, within }: BodyLimits,
): Promise<unknown> {
  const type = request.headers.get('content-type') ?? ''
  // a form of a foreign page cannot say this without asking first, and is not answered
  if (!/^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(type))
    throw new Refusal(415, 'NOT_JSON', 'commands are JSON: send content-type: application/json')
  const large = new Refusal(413, 'TOO_LARGE', `a command takes at most ${size} bytes`)
  if (Number(request.headers.get('content-length') ?? 0) > size) throw large
  if (request.bodyUsed)
    throw new Refusal(
      400,
      'BODY_READ',
      'something in front of the inspector has read this body: mount the inspector before it',
    )
  const reader = request.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  let late = (): void => {}
  const tooLate = new Promise<'late'>((resolve) => (late = () => resolve('late')))
  const cancel = clock.at(clock.now() + within, late)
  try {
    for (;;) {
      const read = await Promise.race([reader?.read(), tooLate])
      if (read === 'late') throw new Refusal(408, 'TOO_SLOW', `a command must arrive within ${within} ms`)
      if (read === undefined || read.done) break
      const chunk = read.value as Uint8Array
      length += chunk.byteLength
      if (length > size) throw large
      chunks.push(chunk)
    }
  } finally {
    cancel()
    reader?.cancel().catch(() => {})
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) as unknown
  } catch {
    throw new Refusal(400, 'BAD_JSON', 'the body is not JSON in UTF-8')
  }
}
