// Inputs of a chain, from the schema that it declares.

import type { StandardJSONSchemaV1 } from '@standard-schema/spec'
import * as fc from 'fast-check'
import type { AnyChain, InputOf } from '../../chain/any-chain.ts'
import { refuseNoChain } from '../given.ts'
import { fromJsonSchema } from './json-schema.ts'

/**
 * Inputs that a chain takes: from its `input` schema, where that tells its JSON Schema (`~standard.jsonSchema`, as zod
 * and ArkType do), else any JSON; only such as the schema accepts. They shrink as their parts do.
 *
 * @example
 * ```ts
 * import * as fc from 'fast-check'
 *
 * const order = chain('order', { input: z.object({ price: z.int().min(1) }) })
 *   .step('charge', ({ input }) => input.price)
 * fc.assert(fc.property(inputOf(order), ({ price }) => price >= 1))
 * ```
 */
export function inputOf<C extends AnyChain>(chain: C): fc.Arbitrary<InputOf<C>> {
  refuseNoChain(chain, 'inputOf()')
  const { input } = chain.spec
  if (input === undefined) return fc.jsonValue() as fc.Arbitrary<InputOf<C>>
  const { jsonSchema } = input['~standard'] as Partial<StandardJSONSchemaV1.Props>
  const values = fromJsonSchema(jsonSchema?.input({ target: 'draft-2020-12' }))
  return values.filter((value) => {
    const result = input['~standard'].validate(value)
    // one that takes its time cannot be asked here
    return result instanceof Promise || result.issues === undefined
  }) as fc.Arbitrary<InputOf<C>>
}
