// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { noOptions } from '../domain/options';
import { aProblem, someBounds } from '../testing/builders';
import { mountOptions, type OptionsForm } from './options';

const onChange = vi.fn();
let form: OptionsForm;

const field = (name: string): HTMLInputElement => {
  const found = form.root.querySelector<HTMLInputElement>(`#option-${name}`);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const write = (name: string, value: string) => {
  field(name).value = value;
  field(name).dispatchEvent(new Event('input'));
};
const textOf = (id: string) => form.root.querySelector(`#option-${id}`)?.textContent;

beforeEach(() => {
  onChange.mockClear();
  form = mountOptions(noOptions, onChange);
});

describe('mountOptions', () => {
  it('leaves everything that is empty to the installation', () => {
    expect(form.value()).toEqual(noOptions);
    expect(form.root.hasAttribute('open')).toBe(false);
  });

  it('gives what was typed, in the units of the contract', () => {
    write('args', '--name Ada');
    write('wall_seconds', '2.5');
    write('output_bytes', '64');
    write('scratch_mib', '0');
    expect(form.value()).toEqual({
      args: '--name Ada',
      outputs: '',
      limits: { wall_seconds: 2.5, output_bytes: 65_536, scratch_mib: 0 },
    });
    expect(onChange).toHaveBeenCalledTimes(4);
  });

  it('gives scratch space where files are to come back', () => {
    write('outputs', '*');
    expect(form.value()).toEqual({ args: '', outputs: '*', limits: { scratch_mib: 16 } });
    write('scratch_mib', '4');
    write('outputs', '*.png');
    expect(form.value().limits).toEqual({ scratch_mib: 4 });
    write('scratch_mib', '');
    write('outputs', ' ');
    expect(form.value().limits).toEqual({});
  });

  it('gives no more scratch space than the installation allows', () => {
    const allow = (scratch_mib: number) => {
      form.showBounds({ ...someBounds, maxima: { ...someBounds.maxima, scratch_mib } });
      write('scratch_mib', '');
      write('outputs', '*.csv');
      return form.value().limits;
    };
    expect(allow(8)).toEqual({ scratch_mib: 8 });
    expect(allow(0)).toEqual({});
  });

  it('takes what was remembered, and opens', () => {
    form.set({ args: 'a', outputs: '', limits: { output_bytes: 2048 } });
    expect([field('args').value, field('output_bytes').value]).toEqual(['a', '2']);
    expect(form.root.hasAttribute('open')).toBe(true);
  });

  it('shows what the installation gives and allows', () => {
    form.showBounds(someBounds);
    expect(field('memory_mib').placeholder).toBe('256');
    expect(field('memory_mib').max).toBe('1024');
    expect(textOf('memory_mib-hint')).toBe('At most 1,024.');
  });

  it('shows a fault at its field, opens, and forgets it', () => {
    form.showErrors(
      aProblem({
        errors: [
          { pointer: '/limits/memory_mib', detail: 'must be between 64 and 1024 MiB' },
          { pointer: '/args/1', detail: 'must not contain the NUL character' },
          { pointer: '/outputs/0', detail: 'must not be empty' },
        ],
      }),
    );
    expect(textOf('outputs-error')).toBe('It must not be empty.');
    expect(textOf('memory_mib-error')).toBe('It must be between 64 and 1024 MiB.');
    expect(field('args').getAttribute('aria-invalid')).toBe('true');
    expect(form.root.hasAttribute('open')).toBe(true);
    form.showErrors(null);
    expect(field('args').getAttribute('aria-invalid')).toBe('false');
  });
});
