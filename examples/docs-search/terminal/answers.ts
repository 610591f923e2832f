// Answers to a question, as people read them in a terminal.

import { type Hit, remark } from '../search/query.ts'
import type { Paint } from './paint.ts'

export function answers(hits: readonly Hit[], paint: Paint): readonly string[] {
  const strong = paint.yellow('\0').split('\0')
  const lit = (text: string): string => remark(text.replaceAll(/\s+/g, ' '), strong[0] ?? '', strong[1] ?? '')
  return hits.flatMap((hit, place) => {
    const where = hit.path === hit.name ? hit.file : `${hit.file} in ${hit.path}`
    const heading = hit.heading === '' || hit.file === 'package.json' ? '' : `  ${lit(hit.heading)}`
    return [
      `${String(place + 1).padStart(2)}  ${paint.bold(hit.name)} ${paint.dim(`${hit.version}  ${where}`)}${heading}`,
      `    ${lit(hit.snippet)}`,
    ]
  })
}
