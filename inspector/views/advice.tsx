// What is built, and what should change?

import type { JSX } from 'preact'
import { Empty } from '../parts/blank.tsx'

export function Advice(): JSX.Element {
  return (
    <div class="content">
      <section class="card" aria-label="Report">
        <Empty icon="advice" title="No report yet" />
      </section>
    </div>
  )
}
