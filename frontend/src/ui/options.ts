// What a run may be given besides its program and its input. An empty field leaves it to the installation.
import {
  hasOptions,
  limitNames,
  someScratch,
  type Bounds,
  type LimitName,
  type Options,
} from '../domain/options';
import type { Problem } from '../domain/run';
import { words } from '../words';
import { el, setOptionalText } from './dom';
import './options.css';

export interface OptionsForm {
  readonly root: HTMLElement;
  value(): Options;
  set(options: Options): void;
  /** Shows what the installation allows. */
  showBounds(bounds: Bounds): void;
  /** Shows what the server found wrong. */
  showErrors(problem: Problem | null): void;
}

/** What is typed, and what it counts in. */
const units: Readonly<Record<LimitName, number>> = {
  wall_seconds: 1,
  cpu_seconds: 1,
  memory_mib: 1,
  output_bytes: 1024,
  scratch_mib: 1,
};

/** The option that a fault of a submission is about. */
export function optionOf(pointer: string): LimitName | 'args' | 'outputs' | null {
  const [, text] = /^\/(args|outputs)(?:\/|$)/.exec(pointer) ?? [];
  if (text === 'args' || text === 'outputs') return text;
  return limitNames.find((name) => pointer === `/limits/${name}`) ?? null;
}

interface Field {
  readonly input: HTMLInputElement;
  readonly hint: HTMLElement;
  readonly error: HTMLElement;
  readonly box: HTMLElement;
}

export function mountOptions(initial: Options, onChange: () => void): OptionsForm {
  const fields = new Map<string, Field>();
  const addField = (name: string, label: string, attributes: Record<string, string>): Field => {
    const id = `option-${name}`;
    const input = el('input', {
      class: 'field',
      id,
      autocomplete: 'off',
      'aria-describedby': `${id}-hint ${id}-error`,
      ...attributes,
    });
    const hint = el('span', { class: 'hint', id: `${id}-hint` });
    const error = el('span', { class: 'field-error', id: `${id}-error`, hidden: true });
    const box = el('div', { class: 'option' }, el('label', { for: id }, label), input, hint, error);
    input.addEventListener('input', onChange);
    const field = { input, hint, error, box };
    fields.set(name, field);
    return field;
  };
  const addText = (name: string, label: string, hint: string): Field => {
    const field = addField(name, label, {
      type: 'text',
      spellcheck: 'false',
      autocapitalize: 'off',
    });
    field.hint.textContent = hint;
    return field;
  };
  const args = addText('args', words.options.args, words.options.argsHint);
  const outputs = addText('outputs', words.options.outputs, words.options.outputsHint);
  const limits = limitNames.map(
    (name) =>
      [
        name,
        addField(name, words.options.limits[name], { type: 'number', min: '0', step: 'any' }),
      ] as const,
  );
  const details = el(
    'details',
    { class: 'fold' },
    el('summary', {}, words.options.heading),
    args.box,
    el('div', { class: 'option-grid' }, ...limits.map(([, { box }]) => box)),
    outputs.box,
  );
  outputs.input.placeholder = '*';
  let known: Bounds | null = null;
  // Without any, the program could write nothing that comes back. At once, because a key may run the program while
  // the field still has the focus.
  outputs.input.addEventListener('input', () => {
    const scratch = fields.get('scratch_mib')?.input;
    const some = someScratch(known);
    if (outputs.input.value.trim() === '' || !scratch || Number(scratch.value) > 0 || some === 0)
      return;
    scratch.value = String(some);
    onChange();
  });

  const set = (options: Options) => {
    args.input.value = options.args;
    outputs.input.value = options.outputs;
    for (const [name, { input }] of limits) {
      const value = options.limits[name];
      input.value = value === undefined ? '' : String(value / units[name]);
    }
    if (hasOptions(options)) details.open = true;
  };
  set(initial);

  return {
    root: details,
    set,
    value: () => ({
      args: args.input.value,
      outputs: outputs.input.value,
      limits: Object.fromEntries(
        limits
          .filter(([, { input }]) => input.value !== '')
          .map(([name, { input }]) => [name, Number(input.value) * units[name]]),
      ),
    }),
    showBounds(bounds) {
      known = bounds;
      const { defaults, maxima } = bounds;
      for (const [name, { input, hint }] of limits) {
        const unit = units[name];
        input.placeholder = String(defaults[name] / unit);
        input.max = String(maxima[name] / unit);
        hint.textContent = words.options.most(maxima[name] / unit);
      }
    },
    showErrors(problem) {
      for (const [name, { input, error }] of fields) {
        const found = problem?.errors.filter(({ pointer }) => optionOf(pointer) === name) ?? [];
        setOptionalText(
          error,
          found.length > 0
            ? found.map(({ detail }) => words.options.wrong(detail)).join(' ')
            : null,
        );
        input.setAttribute('aria-invalid', String(found.length > 0));
        if (found.length > 0) details.open = true;
      }
    },
  };
}
