// catenary/testing/fast-check: chains, graphs, inputs and failures as arbitraries for fast-check.

export {
  anyChain,
  type AnyChainOptions,
  anyGraph,
  type AnyGraphOptions,
} from './testing/arbitraries/chains.ts'
export { attemptsOf, faultsOf } from './testing/arbitraries/faults.ts'
export { inputOf } from './testing/arbitraries/inputs.ts'
