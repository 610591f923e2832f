// What is built, how does it do, and what should be changed?

import type { JSX } from 'preact'
import type { AdviceView, ReportView } from '../../src/inspector/protocol.ts'
import { Empty, Problem, Skeleton } from '../parts/blank.tsx'
import { alone, count, plural } from '../parts/format.ts'
import { Icon } from '../parts/icon.tsx'
import { healthLook } from '../parts/status.tsx'
import { Ago } from '../parts/time.tsx'
import type { Trouble } from '../state/api.ts'
import { useResource } from '../state/resource.ts'
import { Report } from './report.tsx'
import { Suggestions } from './suggestions.tsx'

const isAbsent = (error: Error | undefined): boolean => (error as Trouble | undefined)?.code === 'NOT_FOUND'

export function Advice(): JSX.Element {
  const report = useResource<ReportView>('/api/report', null)
  const advice = useResource<AdviceView>('/api/advice')
  const { value, error } = report
  return (
    <div class="content">
      {value !== undefined && <Verdict report={value} reload={report.reload} />}
      {advice.error !== undefined && !isAbsent(advice.error) && (
        <Problem error={advice.error} retry={advice.reload} />
      )}
      {advice.value !== undefined && <Suggestions view={advice.value} reload={advice.reload} />}
      {error !== undefined && !isAbsent(error) && <Problem error={error} retry={report.reload} />}
      {value === undefined && error === undefined && <Skeleton lines={10} />}
      {isAbsent(error) && (
        <section class="card" aria-label="Report">
          <Empty icon="advice" title="No report here">
            The report is made where the supervisor runs: open the inspector of that process, or call{' '}
            <code>catenary report</code>.
          </Empty>
        </section>
      )}
      {value !== undefined && <Report report={value} reload={report.reload} />}
    </div>
  )
}

function Verdict({
  report,
  reload,
}: {
  readonly report: ReportView
  readonly reload: () => void
}): JSX.Element {
  const { icon, tone, word } = healthLook(report.verdict.state)
  const { used, excluded } = report.meta.runs
  const left = excluded.reduce((sum, one) => sum + one.count, 0)
  return (
    <section class={`verdict tone-${tone}`} aria-label="Verdict">
      <Icon name={icon} size={28} />
      <div class="grow">
        <p class="sentence">
          <span class="hidden">{word}: </span>
          {alone(report.verdict.sentence)}
        </p>
        <p class="muted small">
          From {plural(used, 'run')}
          {left > 0 && `, ${count(left)} left out (${excluded.map(({ reason }) => reason).join('; ')})`}, made{' '}
          <Ago at={report.meta.at} />.
        </p>
      </div>
      <button type="button" class="button" onClick={reload}>
        Make it anew
      </button>
    </section>
  )
}
