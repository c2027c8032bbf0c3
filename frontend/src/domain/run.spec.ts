import { expect, it } from 'vitest';
import { activeStatuses, finalStatuses, isFinal } from './run';

it('tells final statuses from those that change', () => {
  expect(finalStatuses.filter((status) => !isFinal(status))).toEqual([]);
  expect(activeStatuses.filter(isFinal)).toEqual([]);
});
