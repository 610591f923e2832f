// All of a report in one sentence: is it well, and if not, what first?

import type { ChainHealth } from './report-times.ts'
import type { HealthState } from './figures.ts'
import type { Report } from './report.ts'

const names = (chains: readonly ChainHealth[]): string => {
  const first = chains.slice(0, 3).map(({ chain }) => `"${chain}"`)
  return chains.length > 3 ? `${first.join(', ')} and ${chains.length - 3} more` : first.join(', ')
}

export function verdictOf(health: readonly ChainHealth[]): Report['verdict'] {
  const by = (state: HealthState): readonly ChainHealth[] => health.filter((one) => one.state === state)
  const [failing, degraded, unknown, ok] = [by('failing'), by('degraded'), by('unknown'), by('ok')]
  const [worst] = [...failing, ...degraded]
  if (worst !== undefined) {
    const both = failing.length > 0 && degraded.length > 0 ? `, ${names(degraded)} degraded` : ''
    const said = failing.length > 0 ? `${names(failing)} failing${both}` : `${names(degraded)} degraded`
    const { root } = worst.evidence
    const where = root === undefined ? '' : `, mostly ${placeText(root)}: ${root.message}`
    return { state: worst.state, sentence: `${said}; of "${worst.chain}" ${worst.cause}${where}` }
  }
  if (health.length === 0) return { state: 'unknown', sentence: 'nothing has run yet' }
  if (unknown.length === 0)
    return {
      state: 'ok',
      sentence: ok.length === 1 ? 'its one chain does well' : `all ${ok.length} chains do well`,
    }
  const rest = ok.length === 0 ? '' : `; ${ok.length} of ${health.length} do well`
  const failed = unknown.reduce((sum, { evidence }) => sum + evidence.failed, 0)
  const so =
    failed === 0 ? 'nothing has failed' : `${failed === 1 ? 'one execution' : `${failed} executions`} failed`
  return {
    state: 'unknown',
    sentence: `${so}, but of ${names(unknown)} too little was seen to call ${unknown.length === 1 ? 'it' : 'them'} well${rest}`,
  }
}

function placeText({ step }: { readonly step?: string }): string {
  return step === undefined ? 'before its first step' : `at step "${step}"`
}
