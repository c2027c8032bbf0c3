import { describe, expect, it } from 'vitest';
import { someBounds } from '../testing/builders';
import { aDraft, fromSubmission, isSameDraft, tellingLineOf, toSubmission } from './draft';
import { cleanName, fileNameOf, uniqueName } from './draft-name';
import { matchesSearch, type RunEntry } from './run-entry';

describe('fromSubmission', () => {
  it('gives the draft back', () => {
    const options = {
      args: `a 'b c' "it's" ''`,
      outputs: `*.csv 'a b/**'`,
      limits: { memory_mib: 512 },
    };
    const files = [
      { path: 'a.csv', bytes: 5, content: { text: 'ä,b\n' } },
      { path: 'a.bin', bytes: 2, content: { base64: '//8=' } },
    ];
    const submission = toSubmission({ source: 'x', stdin: 'y', options, files });
    const limits = { ...someBounds.defaults, ...submission.limits };
    const draft = fromSubmission({ ...submission, limits }, someBounds.defaults);
    expect(draft.options.limits).toEqual({ memory_mib: 512 });
    expect(draft.options.outputs).toBe(options.outputs);
    expect(draft.files).toEqual(files);
    expect(toSubmission(draft)).toEqual(submission);
  });

  it('lets everything that a program writes come back, unless it is told what', () => {
    const scratch = {
      ...aDraft('x'),
      options: { args: '', outputs: '', limits: { scratch_mib: 8 } },
    };
    expect(toSubmission(aDraft('x')).outputs).toBeUndefined();
    const submission = toSubmission(scratch);
    expect(submission.outputs).toEqual(['*']);
    expect(fromSubmission(submission, null).options.outputs).toBe('');
    const some = { ...scratch, options: { ...scratch.options, outputs: '*.csv plots/*' } };
    expect(toSubmission(some).outputs).toEqual(['*.csv', 'plots/*']);
  });

  it('keeps all limits where the defaults are not known', () => {
    const limits = someBounds.defaults;
    const draft = fromSubmission({ source: 'x', stdin: '', limits }, null);
    expect(draft.options).toEqual({ args: '', outputs: '', limits });
  });
});

it('tells drafts apart by all that is run', () => {
  const draft = aDraft('x');
  expect(isSameDraft(draft, aDraft('x'))).toBe(true);
  expect(isSameDraft(draft, aDraft('y'))).toBe(false);
  expect(isSameDraft(draft, { ...draft, stdin: 'y' })).toBe(false);
  const options = { args: '', outputs: '', limits: { memory_mib: 64 } };
  expect(isSameDraft(draft, { ...draft, options })).toBe(false);
  const outputs = { args: '', outputs: '*.csv', limits: {} };
  expect(isSameDraft(draft, { ...draft, options: outputs })).toBe(false);
});

describe('the name of a draft', () => {
  it.each([
    ['  trees.py ', 'trees.py'],
    ['..\\..\\etc/passwd', 'etc passwd'],
    ['a\nb', 'a b'],
    ['', 'main.py'],
    ['???', 'main.py'],
    ['x'.repeat(200), 'x'.repeat(80)],
  ])('%j becomes %j', (name, want) => {
    expect(cleanName(name)).toBe(want);
  });

  it('gets a number where it is taken', () => {
    expect(uniqueName('a.py', [])).toBe('a.py');
    expect(uniqueName('a.py', ['a.py', 'a-2.py'])).toBe('a-3.py');
    expect(uniqueName('a-2.py', ['a-2.py'])).toBe('a-3.py');
    expect(uniqueName('a', ['a'])).toBe('a-2');
  });

  it('has the ending of a program when it is a file', () => {
    expect([fileNameOf('a'), fileNameOf('a.py'), fileNameOf('a.txt')]).toEqual([
      'a.py',
      'a.py',
      'a.txt.py',
    ]);
  });
});

it.each([
  ['# trees\nimport pandas\n\nprint("oak")\n', 'print("oak")'],
  ['import this\n', 'import this'],
  ['', ''],
])('lists a run by what its program does: %j', (source, want) => {
  expect(tellingLineOf(source)).toBe(want);
});

it.each([
  ['', true],
  [' OAK ', true],
  ['trees', true],
  ['01AB', true],
  ['elm', false],
])('finds a run by %j (%s)', (search, want) => {
  const entry: RunEntry = {
    id: '01ab',
    name: 'trees.py',
    title: 'print("oak")',
    submittedAt: 0,
    status: 'succeeded',
    wallMs: null,
    draft: aDraft('print("oak")'),
  };
  expect(matchesSearch(entry, search)).toBe(want);
});
