// Writes HTML: every value is escaped unless it was itself written by this.

/** A piece of HTML. */
export interface Html {
  readonly html: string
}

type Value = Html | string | number | readonly Html[]

/** `` html`<b>${text}</b>` `` with the values escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const text = parts.map((part, place) => part + (place < values.length ? write(values[place] ?? '') : ''))
  return { html: text.join('') }
}

function write(value: Value): string {
  if (typeof value === 'string') return escape(value)
  if (typeof value === 'number') return number(value)
  return Array.isArray(value) ? value.map((one: Html) => one.html).join('') : (value as Html).html
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Found words stay marked; all else in the text is escaped. */
export function marked(text: string): Html {
  return { html: escape(text).replaceAll('&lt;mark&gt;', '<mark>').replaceAll('&lt;/mark&gt;', '</mark>') }
}

/** 12345 as 12,345. Not by locale: the page must be the same everywhere. */
export function number(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `1 package`, `2 packages`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`
}
