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

export const limits = { wall_seconds: 10, cpu_seconds: 10, memory_mib: 256, output_bytes: 1048576 };
export const environment = {
  image: 'mock',
  python: '3.11.2',
  packages: Object.entries({
    matplotlib: '3.10.8',
    numpy: '2.3.5',
    pandas: '2.3.3',
    pillow: '13.0.0',
    'python-dateutil': '4.0.0',
    scipy: '1.16.3',
  }).map(([name, version]) => ({ name, version })),
  limits: {
    defaults: { ...limits, scratch_mib: 0 },
    maxima: {
      wall_seconds: 60,
      cpu_seconds: 60,
      memory_mib: 1024,
      output_bytes: 8388608,
      scratch_mib: 64,
    },
    source_bytes: 262144,
    stdin_bytes: 262144,
    processes: 64,
    displays: 20,
  },
};

/** Files that a program left, with names that it chose. */
export const outputFilesOf = (id) =>
  ['squares.csv', '<img src=x onerror=alert(1)>.txt', 'photo\u202egnp.exe', 'x'.repeat(255)].map(
    (path, number) => ({
      path,
      number,
      bytes: 8,
      url: `/api/v1/runs/${id}/output-files/${number}`,
    }),
  );
