// What may name a chain, a step or a service: names are keys of tables, and parts of the journal's texts.

const form = /^[A-Za-z][A-Za-z0-9_-]{0,99}$/

export function isName(name: string): boolean {
  return form.test(name)
}

/** Whether every object has something under this name, so that a table would seem to hold it: `toString`. */
export function isInherited(name: string): boolean {
  return name in Object.prototype
}

/** What is wrong with an id, with the cure; undefined where nothing is. */
export function problemOfId(id: string): string | undefined {
  if (!isName(id)) return 'an id is a letter, then letters, digits, "-" and "_", at most 100'
  return isInherited(id) ? `"${id}" is a name that every object has: choose another` : undefined
}
