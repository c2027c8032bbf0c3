// What the stand-in answers whatever is run.

export const figure = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#fff"/>
<polyline points="60,420 320,60 580,240" fill="none" stroke="#1f77b4" stroke-width="3"/></svg>`;
export const table = {
  rows: 1000,
  columns: 40,
  index_columns: 1,
  head: [
    { name: '', dtype: 'int64' },
    { name: 'tree', dtype: 'object' },
    ...Array.from({ length: 29 }, (_, i) => ({ name: `height ${i}`, dtype: 'float64' })),
  ],
  cells: Array.from({ length: 100 }, (_, row) => [
    row,
    row % 7 ? '<b>oak</b>' : null,
    ...Array.from({ length: 29 }, (_, i) => (row === i ? null : (row * 31 + i) / 8)),
  ]),
};
