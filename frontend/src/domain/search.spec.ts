import { describe, expect, it } from 'vitest';
import { mostMatches, OutputSearch } from './search';
import { Terminal } from './terminal';

const always = () => true;
const printed = (text: string) => {
  const terminal = new Terminal();
  terminal.write('stdout', text);
  return terminal;
};
const found = (search: OutputSearch) =>
  search.matches.map(({ row, start, end }) => [row, start, end]);

describe('OutputSearch', () => {
  it('finds every place, whatever the case and the colours', () => {
    const search = new OutputSearch('oak');
    search.work(printed('oak Oak\nbirch\n\x1b[31mO\x1b[32mAK\n'), always);
    expect(found(search)).toEqual([
      [0, 0, 3],
      [0, 4, 7],
      [2, 0, 3],
    ]);
  });

  it('takes signs for themselves', () => {
    const search = new OutputSearch('a.b*[/');
    search.work(printed('axb*[/ a.b*[/\n'), always);
    expect(found(search)).toEqual([[0, 7, 13]]);
  });

  it('works in steps', () => {
    const terminal = printed('x\n'.repeat(120));
    const search = new OutputSearch('x');
    const counts: number[] = [];
    while (!search.work(terminal, () => false)) counts.push(search.matches.length);
    expect(counts).toEqual([50, 100]);
    expect(search.matches).toHaveLength(120);
  });

  it('follows output that grows, in its last row too', () => {
    const terminal = printed('one\nt');
    const search = new OutputSearch('two');
    expect(search.work(terminal, always)).toBe(true);
    terminal.write('stdout', 'wo\ntwo\n');
    search.work(terminal, always);
    terminal.write('stdout', '');
    search.work(terminal, always);
    expect(found(search)).toEqual([
      [1, 0, 3],
      [2, 0, 3],
    ]);
  });

  it('forgets what is no longer shown', () => {
    const terminal = printed('needle\n');
    const search = new OutputSearch('needle');
    search.work(terminal, always);
    terminal.write('stdout', 'x\n'.repeat(10_000) + 'needle\n');
    search.work(terminal, always);
    expect(search.matches).toHaveLength(1);
    expect(search.matches[0]?.row).toBe(10_001);
    search.work(printed('nothing\n'), always);
    expect(search.matches).toEqual([]);
  });

  it('stops counting where nobody would go on', () => {
    const search = new OutputSearch('e');
    expect(search.work(printed('e'.repeat(2 * mostMatches)), always)).toBe(true);
    expect(search.matches).toHaveLength(mostMatches);
    expect(search.isCut()).toBe(true);
  });
});
