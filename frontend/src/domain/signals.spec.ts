import { expect, it } from 'vitest';
import { describeSignal } from './signals';

it.each([
  [9, 'SIGKILL'],
  [11, 'SIGSEGV (segmentation fault)'],
  [40, 'signal 40'],
])('describes signal %d as %s', (signal, want) => {
  expect(describeSignal(signal)).toBe(want);
});
