import { expect, it } from 'vitest';
import { aRun } from '../testing/builders';
import { activeStatuses, finalStatuses, isFinal, isWaiting } from './run';

it('tells final statuses from those that change', () => {
  expect(finalStatuses.filter((status) => !isFinal(status))).toEqual([]);
  expect(activeStatuses.filter(isFinal)).toEqual([]);
});

it('tells a run that waits from one that runs or has ended', () => {
  const waits = [...activeStatuses, ...finalStatuses].filter((status) =>
    isWaiting(aRun({ status })),
  );
  expect(waits).toEqual(['queued', 'starting']);
});
