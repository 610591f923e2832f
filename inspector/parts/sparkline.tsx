// A row of small bars: how many in each stretch of time, those that failed on top in another colour.

import type { JSX } from 'preact'

export function Sparkline({
  values,
  bad = [],
  label,
}: {
  readonly values: readonly number[]
  /** How many of them are bad. */
  readonly bad?: readonly number[]
  readonly label: string
}): JSX.Element {
  const most = Math.max(1, ...values)
  const width = 240
  const height = 44
  const each = width / values.length
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} class="axis" />
      {values.map((value, index) => {
        const full = (value / most) * (height - 4)
        const part = ((bad[index] ?? 0) / most) * (height - 4)
        const x = index * each + each * 0.15
        return (
          <g key={index}>
            {value > 0 && (
              <rect class="good" x={x} y={height - full} width={each * 0.7} height={full - part} />
            )}
            {part > 0 && <rect class="bad" x={x} y={height - part} width={each * 0.7} height={part} />}
          </g>
        )
      })}
    </svg>
  )
}
