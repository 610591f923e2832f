// Where nothing is to be changed, nothing is proposed: over many histories, the share of those with a suggestion is bounded.

import { expect, test } from 'vitest'
import { suggest } from '../../src/reflection/suggest.ts'
import { clopperPearson } from '../../src/statistics/proportion.ts'
import { cleanHistory, families } from './clean.ts'

const histories = 120

test('of clean histories, at most a twentieth gets any suggestion', () => {
  const found: string[] = []
  for (let seed = 1; seed <= histories; seed++) {
    const { family, ...evidence } = cleanHistory(seed)
    const suggestions = suggest(evidence)
    if (suggestions.length > 0)
      found.push(`seed ${seed}, ${family}: ${suggestions.map(({ sentence }) => sentence).join(' ')}`)
  }
  expect(histories % families.length).toBe(0)
  expect(clopperPearson(found.length, histories)?.high, found.join('\n')).toBeLessThanOrEqual(0.05)
})
