// What depends on what?

import type { JSX } from 'preact'
import { Empty } from '../parts/blank.tsx'

export function Chains(): JSX.Element {
  return (
    <div class="content">
      <section class="card" aria-label="Report">
        <Empty icon="advice" title="No chain yet" />
      </section>
    </div>
  )
}
