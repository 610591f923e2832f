// The little that the page can do by itself: sort the packages by a column, filter them by a word.

export const script = `
for (const table of document.querySelectorAll('[data-sortable]')) {
  const rows = [...table.tBodies[0].rows]
  const heads = [...table.tHead.rows[0].cells]
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const numeric = head.classList.contains('n')
    const first = numeric ? 'descending' : 'ascending'
    const second = numeric ? 'ascending' : 'descending'
    const order = head.getAttribute('aria-sort') === first ? second : first
    for (const other of heads) other.removeAttribute('aria-sort')
    head.setAttribute('aria-sort', order)
    const value = (row) => {
      const text = row.cells[column].textContent
      return numeric ? Number(text.replaceAll(',', '')) : text.toLowerCase()
    }
    const sign = order === 'ascending' ? 1 : -1
    rows.sort((a, b) => (value(a) < value(b) ? -sign : value(a) > value(b) ? sign : 0))
    table.tBodies[0].append(...rows)
  }))
  document.querySelector('[data-filter]').addEventListener('input', ({ target }) => {
    const word = target.value.trim().toLowerCase()
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(word)
  })
}
`
