// Values that fit a JSON Schema, as far as its keywords say how to make them; who asks filters the rest by the schema itself.

import * as fc from 'fast-check'

type Schema = Readonly<Record<string, unknown>>

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null

/** @param root where `$ref`s are looked up. */
export function fromJsonSchema(schema: unknown, root: unknown = schema, depth = 0): fc.Arbitrary<unknown> {
  if (!isSchema(schema) || depth > 8) return fc.jsonValue({ maxDepth: 1 })
  const inner = (one: unknown): fc.Arbitrary<unknown> => fromJsonSchema(one, root, depth + 1)
  if ('const' in schema) return fc.constant(schema['const'])
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]))
  if (typeof schema['$ref'] === 'string') return inner(lookUp(root, schema['$ref']))
  const choices = schema['anyOf'] ?? schema['oneOf']
  if (Array.isArray(choices)) return fc.oneof(...choices.map(inner))
  if (Array.isArray(schema['allOf'])) return inner(Object.assign({}, ...(schema['allOf'] as Schema[])))
  const type = schema['type']
  if (Array.isArray(type)) return fc.oneof(...type.map((one) => inner({ ...schema, type: one as unknown })))
  switch (type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return integers(schema)
    case 'number':
      return numbers(schema)
    case 'string':
      return strings(schema)
    case 'array':
      return arrays(schema, inner)
    case 'object':
      return objects(schema, inner)
    default:
      return isSchema(schema['properties']) ? objects(schema, inner) : fc.jsonValue({ maxDepth: 2 })
  }
}

function lookUp(root: unknown, ref: string): unknown {
  const parts = ref.replace(/^#\/?/, '').split('/').filter(Boolean)
  return parts.reduce<unknown>((at, part) => (isSchema(at) ? at[part] : undefined), root)
}

const numberOf = (schema: Schema, key: string): number | undefined =>
  typeof schema[key] === 'number' ? schema[key] : undefined

function integers(schema: Schema): fc.Arbitrary<number> {
  const above = numberOf(schema, 'exclusiveMinimum')
  const below = numberOf(schema, 'exclusiveMaximum')
  const min = numberOf(schema, 'minimum') ?? (above === undefined ? Number.MIN_SAFE_INTEGER : above + 1)
  const max = numberOf(schema, 'maximum') ?? (below === undefined ? Number.MAX_SAFE_INTEGER : below - 1)
  const step = numberOf(schema, 'multipleOf') ?? 1
  return fc.integer({ min: Math.ceil(min / step), max: Math.floor(max / step) }).map((one) => one * step)
}

function numbers(schema: Schema): fc.Arbitrary<number> {
  const above = numberOf(schema, 'exclusiveMinimum')
  const below = numberOf(schema, 'exclusiveMaximum')
  const min = numberOf(schema, 'minimum') ?? above
  const max = numberOf(schema, 'maximum') ?? below
  return fc.double({
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    minExcluded: above !== undefined && min === above,
    maxExcluded: below !== undefined && max === below,
    noNaN: true,
    noDefaultInfinity: true,
  })
}

const formats: Readonly<Record<string, () => fc.Arbitrary<string>>> = {
  email: () => fc.emailAddress(),
  uuid: () => fc.uuid(),
  uri: () => fc.webUrl(),
  'date-time': () => dates().map((date) => date.toISOString()),
  date: () => dates().map((date) => date.toISOString().slice(0, 10)),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6(),
}

const dates = (): fc.Arbitrary<Date> =>
  fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })

function strings(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern } = schema
  const known = typeof format === 'string' ? formats[format] : undefined
  if (known !== undefined) return known()
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern))
  return fc.string(sizeOf(schema, 'minLength', 'maxLength'))
}

function arrays(schema: Schema, inner: (of: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown[]> {
  const tuple = schema['prefixItems']
  if (Array.isArray(tuple)) return fc.tuple(...tuple.map(inner))
  const size = sizeOf(schema, 'minItems', 'maxItems')
  const items = inner(schema['items'] ?? {})
  return schema['uniqueItems'] === true
    ? fc.uniqueArray(items, { ...size, selector: (one) => JSON.stringify(one) })
    : fc.array(items, size)
}

function objects(schema: Schema, inner: (of: unknown) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required, additionalProperties } = schema
  const known = Object.entries(properties as object).map(([key, of]) => [key, inner(of)] as const)
  const model = Object.fromEntries(known)
  const needed = Array.isArray(required) ? required.filter((key) => Object.hasOwn(model, String(key))) : []
  const record = fc.record(model, { requiredKeys: needed as never[], noNullPrototype: true })
  if (!isSchema(additionalProperties) || known.length > 0) return record
  return fc.dictionary(fc.string({ minLength: 1 }), inner(additionalProperties), { noNullPrototype: true })
}

function sizeOf(schema: Schema, min: string, max: string): { minLength?: number; maxLength?: number } {
  const minLength = numberOf(schema, min)
  const maxLength = numberOf(schema, max)
  return {
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
  }
}
