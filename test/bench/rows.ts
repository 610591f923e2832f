// All rows of the bench, in the order in which they are printed.

import type { Row } from './row.ts'
import { allWatching } from './rows/all-watching.ts'
import { alone } from './rows/alone.ts'
import { eventLoop } from './rows/event-loop.ts'
import { growth } from './rows/growth.ts'
import { live } from './rows/live.ts'
import { machine } from './rows/machine.ts'
import { observers } from './rows/observers.ts'
import { paced } from './rows/paced.ts'
import { recovery } from './rows/recovery.ts'
import { schedule } from './rows/schedule.ts'
import { shared } from './rows/shared.ts'
import { sleeping } from './rows/sleeping.ts'
import { startup } from './rows/startup.ts'
import { throughput } from './rows/throughput.ts'
import { watched } from './rows/watched.ts'

export const rows: readonly Row[] = [
  throughput,
  paced,
  alone,
  machine,
  growth,
  live,
  eventLoop,
  observers,
  allWatching,
  watched,
  sleeping,
  recovery,
  schedule,
  shared,
  startup,
]
