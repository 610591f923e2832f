// Runs and steps a second: at 1, 50 and 1,000 runs in flight, with steps that do nothing, by how well it is kept.

import { type Line, lineOf } from '../line.ts'
import { plainMachine, runMachine } from '../plain.ts'
import { recording, replayRaw, rowsOf } from '../raw.ts'
import { type Case, type Row, type Size, type Terms, sized } from '../row.ts'
import {
  type Keeping,
  chainOf,
  drive,
  durabilityOf,
  freshFile,
  freshStore,
  keepings,
  nothing,
  supervise,
} from '../workload.ts'

interface Load {
  readonly steps: number
  readonly inFlight: number
  readonly keeping: Keeping
}

const shapes = [
  { steps: 3, inFlight: 1 },
  { steps: 3, inFlight: 50 },
  { steps: 3, inFlight: 1000 },
  { steps: 10, inFlight: 1000 },
]

export const throughput: Row = {
  name: 'throughput',
  title: 'Runs and steps a second, steps that do nothing',
  method:
    'Durable rows against raw node:sqlite writing the very same rows and heads in the batches that the engine ' +
    'made; in memory, against the machine that one would write by hand in plain XState.',
  cases: (size) => keepings.flatMap((keeping) => shapes.map((shape) => caseOf({ ...shape, keeping }, size))),
}

function caseOf(load: Load, size: Size): Case {
  const { steps, inFlight, keeping } = load
  const times = {
    1: sized(size, { quick: 5, usual: 500 }),
    50: sized(size, { quick: 60, usual: 5_000 }),
    1000: sized(size, { quick: 60, usual: steps > 3 ? 6_000 : 15_000 }),
  }[inFlight]
  const name = `${steps} steps, ${inFlight.toLocaleString('en-US')} in flight`
  return {
    name: `${name}, ${durabilityOf[keeping]}`,
    measure: async (terms) => measure(name, { ...load, times: times ?? 1 }, terms),
  }
}

async function measure(
  name: string,
  load: Load & { readonly times: number },
  { folder, turns }: Terms,
): Promise<readonly Line[]> {
  const { steps, inFlight, keeping, times } = load
  const flow = chainOf(steps, nothing)
  const byHand = plainMachine(steps, nothing)

  const ours = async (store = freshStore(folder, keeping)): Promise<number> => {
    const supervisor = await supervise([flow], store)
    const seconds = await drive(async () => supervisor.run(flow), { times, inFlight })
    await supervisor.stop()
    return seconds
  }
  const recorded = recording(freshStore(folder, keeping))
  await ours(recorded)
  const { batches } = recorded
  const floor = async (): Promise<number> =>
    keeping === 'memory'
      ? drive(async () => runMachine(byHand), { times, inFlight })
      : replayRaw(batches, freshFile(folder), keeping)
  await floor()

  const seconds: number[] = []
  const floors: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    seconds.push(await ours())
    floors.push(await floor())
  }
  const of = { case: name, durability: durabilityOf[keeping] }
  const runs = lineOf({ ...of, figure: 'runs/s', samples: seconds.map((one) => times / one) })
  const perSecond = (count: number) => (all: readonly number[]) => all.map((one) => count / one)
  const stepsOf = perSecond(times * steps)
  const rowCount = rowsOf(batches)
  if (keeping === 'memory') {
    const inPlain = { is: 'plain XState', samples: stepsOf(floors) }
    return [runs, lineOf({ ...of, figure: 'steps/s', samples: stepsOf(seconds), floor: inPlain })]
  }
  return [
    runs,
    lineOf({
      ...of,
      figure: 'steps/s',
      samples: stepsOf(seconds),
      ...(keeping === 'full' && steps === 10 ? { bar: { of: 'value', least: 40_000 } } : {}),
    }),
    lineOf({
      ...of,
      figure: 'rows/s',
      samples: perSecond(rowCount)(seconds),
      floor: { is: 'raw group commit', samples: perSecond(rowCount)(floors) },
      ...(keeping === 'full' && inFlight === 1000 ? { bar: { of: 'ratio', least: 0.1 } } : {}),
      note: `${(rowCount / batches.length).toFixed(1)} rows a commit`,
    }),
  ]
}
