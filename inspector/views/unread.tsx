// Needs whose outputs nobody reads: what a chain waits for, and why nobody knows.

import type { JSX } from 'preact'
import type { ReportView } from '../../src/inspector/protocol.ts'
import { plural } from '../parts/format.ts'

interface UnreadProps {
  readonly edges: ReportView['interactions']['edges']
}

export function Unread({ edges }: UnreadProps): JSX.Element | null {
  // any other rule judges how an upstream ended, and who follows may want no more than its turn
  const unread = edges.filter(
    ({ read, follows, rule }) => read === 'no' && !follows && rule === 'all_success',
  )
  if (unread.length === 0) return null
  return (
    <section class="card" aria-labelledby="unread">
      <header>
        <h2 id="unread">Waited for and never read</h2>
      </header>
      <ul class="entries">
        {unread.map(({ from, to, name, n }) => (
          <li key={`${to}/${name}`} class="entry">
            <span class="grow">
              <strong class="wrap">
                {to} waits for {from} and has never read needs.{name}
              </strong>
              <span class="words wrap">
                In {plural(n, 'execution')}. Where only the order matters, say orderOnly(); where not even
                that, drop it.
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
