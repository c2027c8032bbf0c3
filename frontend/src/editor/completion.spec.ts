import { pythonLanguage } from '@codemirror/lang-python';
import { describe, expect, it } from 'vitest';
import { questionAt } from './completion';
import { nameIndex } from './name-index';

/** What is asked for where the program has a `|`. */
function ask(program: string) {
  const position = program.indexOf('|');
  const text = program.replace('|', '');
  const tree = pythonLanguage.parser.parse(text);
  const question = questionAt({ tree, text, index: nameIndex }, position);
  return question && 'of' in question
    ? { ...question, of: text.slice(question.of.from, question.of.to) }
    : question;
}

describe('questionAt', () => {
  it.each([
    ['import |', { kind: 'module', typed: '' }],
    ['import os, num|', { kind: 'module', typed: 'num' }],
    ['from scipy.st|', { kind: 'module', typed: 'scipy.st' }],
    ['from scipy import |', { kind: 'import', module: 'scipy', typed: '' }],
    ['from scipy import stats, opt|', { kind: 'import', module: 'scipy', typed: 'opt' }],
    ['np.|', { kind: 'member', of: 'np', typed: '' }],
    ['np.|\n\nprint(1)\n', { kind: 'member', of: 'np', typed: '' }],
    ['print(df.groupby("a").me|)', { kind: 'member', of: 'df.groupby("a")', typed: 'me' }],
    ['df[df.|', { kind: 'member', of: 'df', typed: '' }],
    ['f"{df.|}"', { kind: 'member', of: 'df', typed: '' }],
    ['pd.read_csv("a", se|)', { kind: 'argument', of: 'pd.read_csv', typed: 'se' }],
  ])('in %j', (program, want) => {
    expect(ask(program)).toEqual(want);
  });

  it.each([
    'x|',
    '"np.|"',
    '# np.|',
    '1.|',
    'f(|)',
    'f(a=b|)',
    'np.zeros|(3)\nx',
    'class A(b|): pass',
  ])('asks for nothing special in %j', (program) => {
    const kind = program.startsWith('np.zeros') ? 'member' : undefined;
    expect(ask(program)?.kind).toBe(kind);
  });
});
