// The state of the run: one line in plain words, a clock, and the facts at the end.
import { formatBytes, formatClock, formatDuration, formatSeconds } from '../domain/format';
import { limitNames, type Bounds } from '../domain/options';
import type { OutputLog } from '../domain/output-log';
import { isFinal, isWaiting, type Run } from '../domain/run';
import type { Phase } from '../state/reduce';
import type { Store } from '../state/store';
import { words } from '../words';
import { el, setOptionalText, setText } from './dom';
import { describeInterruptions, describeOutcome, type Tone } from './outcome';
import './status.css';

type Mark = Tone | 'idle' | 'working';

interface Summary {
  readonly mark: Mark;
  readonly headline: string;
  readonly detail: string | null;
}

/** A queue passed faster than this is not worth a flicker. */
const queueShownAfterMs = 200;
const clockMs = 100;
/** Often enough to know that the run is alive, rarely enough not to annoy a listener. */
const announceMs = 10_000;

const signs: Record<Mark, string> = { idle: '', working: '', good: '✓', bad: '✕', neutral: '■' };

export function mountStatus(
  root: HTMLElement,
  store: Store,
  output: OutputLog,
  now: () => number,
): () => void {
  const sign = el('span', { class: 'status-sign', 'aria-hidden': 'true' });
  const headline = el('span', { class: 'status-headline' });
  const spoken = el('span', { class: 'visually-hidden' });
  const pill = el('p', { class: 'status', role: 'status' }, sign, headline, ' ', spoken);
  const facts = el('dl', { class: 'facts' });
  const detail = el('p', { class: 'status-detail' });
  const history = el('p', { class: 'status-detail' });
  const used = el('p', { class: 'status-detail' });
  const details = el(
    'div',
    { class: 'status-details', 'aria-live': 'polite' },
    detail,
    history,
    used,
  );
  root.append(pill, facts, details);
  let clock: ReturnType<typeof setInterval> | undefined;
  let announcedAt = 0;

  const draw = () => {
    const { phase, bounds } = store.get();
    const summary = summarize(phase, now());
    pill.dataset['mark'] = summary.mark;
    setText(sign, signs[summary.mark]);
    setText(headline, summary.headline);
    setOptionalText(detail, summary.detail);
    const run = phase.kind === 'active' || phase.kind === 'ended' ? phase.run : null;
    setOptionalText(history, run && describeInterruptions(run));
    setOptionalText(used, run && bounds && describeOptions(run, bounds));
    drawFacts(facts, factsOf(phase, now()));
    const title = phase.kind === 'idle' ? words.title : `${summary.headline} - ${words.title}`;
    if (document.title !== title) document.title = title;
    announce(phase);
  };

  const announce = (phase: Phase) => {
    if (phase.kind === 'ended') {
      setText(spoken, words.status.linesInAll(output.lineCount));
    } else if (phase.kind === 'active' && phase.runningSince !== null) {
      if (now() - Math.max(announcedAt, phase.runningSince) < announceMs) return;
      announcedAt = now();
      setText(spoken, words.status.linesSoFar(output.lineCount));
    } else {
      setText(spoken, '');
    }
  };

  const unsubscribe = store.subscribe(({ phase }) => {
    const isTicking = phase.kind === 'active' || phase.kind === 'busy';
    if (isTicking) clock ??= setInterval(draw, clockMs);
    else {
      clearInterval(clock);
      clock = undefined;
    }
    draw();
  });
  return () => {
    clearInterval(clock);
    unsubscribe();
  };
}

export function summarize(phase: Phase, now: number): Summary {
  const working = (headline: string, detail: string | null = null): Summary => ({
    mark: 'working',
    headline,
    detail,
  });
  switch (phase.kind) {
    case 'idle':
      return { mark: 'idle', headline: words.status.ready, detail: null };
    case 'submitting':
      return working(phase.isStopping ? words.status.stopping : words.status.starting);
    case 'seeking':
      return working(words.status.loading);
    case 'busy':
      return working(
        (phase.isInDoubt ? words.status.unanswered : words.status.busy)(
          Math.max(1, Math.ceil((phase.retryAt - now) / 1000)),
        ),
      );
    case 'active': {
      const detail =
        phase.connection === 'lost' ? words.status.reconnecting : describeWaiting(phase.run);
      // Its output is still on its way.
      if (isFinal(phase.run.status)) return working(words.status.loading, detail);
      if (phase.isStopping) return working(words.status.stopping, detail);
      return working(describeProgress(phase.run, now - phase.since), detail);
    }
    case 'ended': {
      const { tone, headline, detail } = describeOutcome(phase.run);
      return { mark: tone, headline, detail };
    }
    case 'refused':
      return { mark: 'bad', headline: words.status.refused, detail: null };
    case 'unconfirmed':
      return { mark: 'bad', headline: words.status.unconfirmed, detail: null };
    case 'lost':
      return { mark: 'bad', headline: words.status.lost, detail: null };
    case 'unreachable':
      return { mark: 'bad', headline: words.status.unreachable, detail: null };
  }
}

/** Null when everything was left to the installation. */
export function describeOptions({ limits }: Run, { defaults }: Bounds): string | null {
  const told = limitNames.flatMap((name) => {
    const value = limits[name];
    return value === null || value === defaults[name] ? [] : [words.options.used[name](value)];
  });
  return told.length > 0 ? words.options.usedAll(told.join(', ')) : null;
}

const describeWaiting = (run: Run): string | null =>
  isWaiting(run) && run.message !== null ? words.outcome.message(run.message) : null;

function describeProgress(run: Run, waitedMs: number): string {
  if (run.status === 'running') return words.status.running;
  if (run.status !== 'queued' || waitedMs < queueShownAfterMs) return words.status.starting;
  return run.queue_position === null
    ? words.status.queued
    : words.status.queuedAt(run.queue_position, run.starts_in_ms);
}

type Fact = readonly [name: string, value: string];

export function factsOf(phase: Phase, now: number): Fact[] {
  if (phase.kind === 'active') {
    if (isFinal(phase.run.status)) return [];
    const { wall_seconds } = phase.run.limits;
    if (phase.runningSince === null) {
      const waited = now - phase.since;
      return waited < 1_000 ? [] : [[words.facts.waited, formatClock(waited)]];
    }
    const elapsed = formatClock(now - phase.runningSince);
    return [
      [
        words.facts.elapsed,
        wall_seconds === null ? elapsed : words.facts.of(elapsed, formatSeconds(wall_seconds)),
      ],
    ];
  }
  if (phase.kind !== 'ended') return [];
  const { timings, peak_memory_bytes } = phase.run;
  const waited =
    timings.queued_ms === null && timings.startup_ms === null
      ? null
      : (timings.queued_ms ?? 0) + (timings.startup_ms ?? 0);
  const all: (readonly [string, string | null])[] = [
    [words.facts.elapsed, timings.wall_ms === null ? null : formatDuration(timings.wall_ms)],
    [words.facts.cpu, timings.cpu_ms === null ? null : formatDuration(timings.cpu_ms)],
    [words.facts.memory, peak_memory_bytes === null ? null : formatBytes(peak_memory_bytes)],
    [words.facts.waited, waited === null ? null : formatDuration(waited)],
  ];
  return all.filter((fact): fact is Fact => fact[1] !== null);
}

function drawFacts(list: HTMLElement, facts: readonly Fact[]): void {
  while (list.children.length > facts.length) list.lastElementChild?.remove();
  facts.forEach(([name, value], index) => {
    let item = list.children[index];
    if (!item) {
      item = el('div', {}, el('dt'), el('dd'));
      list.append(item);
    }
    setText(item.children[0] as HTMLElement, name);
    setText(item.children[1] as HTMLElement, value);
  });
}
