// Recognises the licences that nearly all packages have from their text, where package.json names none.

const known: readonly (readonly [name: string, words: RegExp])[] = [
  ['Apache-2.0', /apache license,?\s+version 2\.0/i],
  ['MPL-2.0', /mozilla public license,?\s+(?:version|v\.?)\s*2\.0/i],
  ['GPL-3.0', /gnu general public license\s+version 3/i],
  ['BSD-3-Clause', /redistribution and use in source and binary forms[^]*neither the name/i],
  ['BSD-2-Clause', /redistribution and use in source and binary forms/i],
  ['ISC', /permission to use, copy, modify, and\/?o?r? ?distribute this software/i],
  ['MIT', /permission is hereby granted, free of charge, to any person/i],
  ['Unlicense', /this is free and unencumbered software/i],
  ['CC0-1.0', /cc0 1\.0 universal/i],
  ['0BSD', /\b0bsd\b/i],
]

/** The SPDX name of a licence's text; undefined where it is none of the known. */
export function licenseFromText(text: string): string | undefined {
  const words = text.replaceAll(/\s+/g, ' ')
  return known.find(([, pattern]) => pattern.test(words))?.[0]
}

export function isLicenseFile(name: string): boolean {
  return /^(?:licen[cs]e|copying|unlicense)(?:[.-].*)?$/i.test(name)
}
