// How the page looks, in light and in dark: no font, image or script from elsewhere.

export const style = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fbfaf8, #14161a);
  --card: light-dark(#ffffff, #1c1f25);
  --ink: light-dark(#1d2129, #e6e8ec);
  --soft: light-dark(#5d6675, #9aa3b2);
  --line: light-dark(#e4e2dd, #2c313a);
  --accent: light-dark(#0b6e5f, #58c9b4);
  --wash: light-dark(#e3f2ee, #17332f);
  --mark: light-dark(#ffe9a8, #5c4a12);
  --good: light-dark(#0b6e5f, #58c9b4);
  --warn: light-dark(#96570a, #e5ab57);
  --bad: light-dark(#b3261e, #f28b82);
}
* { box-sizing: border-box }
html { scroll-behavior: smooth; scroll-padding-top: 4rem }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif;
}
main, header > div, nav > div { max-width: 62rem; margin: 0 auto; padding: 0 1.5rem }
header { padding: 3rem 0 1.75rem }
h1 { font-size: clamp(1.7rem, 4vw, 2.4rem); line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 .6rem }
h2 { font-size: 1.25rem; letter-spacing: -0.01em; margin: 0 }
p { margin: .4rem 0 }
a { color: var(--accent) }
code, .path { font: .875em/1.5 ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace }
mark { background: var(--mark); color: var(--ink); border-radius: .2em; padding: 0 .1em }
.soft { color: var(--soft) }
.good { color: var(--good) } .warn { color: var(--warn) } .bad { color: var(--bad) }
header code { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .2rem .5rem }
nav {
  position: sticky; top: 0; z-index: 1; border-block: 1px solid var(--line);
  background: color-mix(in srgb, var(--page) 88%, transparent); backdrop-filter: blur(8px);
}
nav > div { display: flex; gap: 1.4rem; overflow-x: auto }
nav a { color: var(--soft); text-decoration: none; padding: .7rem 0; white-space: nowrap; font-size: .925rem }
nav a:hover { color: var(--ink) }
section { padding: 2.2rem 0 .4rem }
section > header { padding: 0 0 .9rem; display: flex; flex-wrap: wrap; gap: .3rem 1rem; align-items: baseline }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; padding-top: 1.75rem }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: .85rem 1rem }
.tile b { display: block; font-size: 1.6rem; line-height: 1.2; font-variant-numeric: tabular-nums; letter-spacing: -.02em }
.tile span { color: var(--soft); font-size: .875rem }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr)); gap: .75rem }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .7rem; padding: 1rem 1.1rem; min-width: 0 }
.card h3 { margin: 0 0 .35rem; font-size: 1rem }
.card p { overflow-wrap: anywhere }
.card .snippet { font-size: .9rem; color: var(--soft); white-space: pre-line }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .7rem }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { text-align: left; padding: .5rem .9rem; border-top: 1px solid var(--line); vertical-align: baseline }
thead th { border-top: 0; color: var(--soft); font-weight: 500; font-size: .8125rem; white-space: nowrap }
td.path { overflow-wrap: anywhere; min-width: 9rem }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
th button { all: unset; cursor: pointer } th button:hover, th[aria-sort] button { color: var(--ink) }
th button:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: .2rem }
th[aria-sort='ascending'] button::after { content: ' \\2191' } th[aria-sort='descending'] button::after { content: ' \\2193' }
.pill {
  display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .8125rem; white-space: nowrap;
  border: 1px solid currentColor;
}
.bars { display: grid; grid-template-columns: max-content 1fr max-content; gap: .45rem .9rem; align-items: center; font-size: .9rem }
.bar { height: .7rem; border-radius: .35rem; background: var(--wash) }
.bar i { display: block; height: 100%; border-radius: inherit; background: var(--accent); min-width: .35rem }
input[type='search'] {
  font: inherit; font-size: .9rem; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; padding: .4rem .7rem; margin-left: auto; width: min(100%, 16rem);
}
input[type='search']:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px }
details > summary { cursor: pointer; color: var(--soft); padding: .6rem 0; font-size: .9rem }
footer { color: var(--soft); font-size: .875rem; padding: 2.5rem 0 3.5rem }
@media print { nav, input[type='search'] { display: none } }
`
