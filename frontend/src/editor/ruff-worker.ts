// Runs ruff. A worker, because it takes a while for long programs, and because only this file may then run WebAssembly: nginx
// gives it a security policy of its own.
import init, { PositionEncoding, Workspace } from '@astral-sh/ruff-wasm-web';
import type { Finding, RuffAnswer, RuffRequest } from './ruff-messages';

const settings = {
  'target-version': 'py311',
  // What a run has besides Python's own.
  builtins: ['display'],
  // Mistakes, not taste: syntax, names, formats, escapes, and what numpy 2 no longer has.
  lint: { select: ['E9', 'F', 'PLE', 'W605', 'NPY'] },
};

const say = (answer: RuffAnswer) => {
  postMessage(answer);
};

function format(workspace: Workspace, text: string): string | null {
  try {
    return workspace.format(text);
  } catch {
    return null;
  }
}

init().then(
  () => {
    const workspace = new Workspace(settings, PositionEncoding.Utf16);
    addEventListener('message', ({ data }: MessageEvent<RuffRequest>) => {
      const { number, text } = data;
      if (data.kind === 'format') say({ kind: 'formatted', number, text: format(workspace, text) });
      else {
        const findings = workspace.check(text) as readonly Finding[];
        say({ kind: 'checked', number, findings: findings.map(plain) });
      }
    });
    say({ kind: 'ready' });
  },
  (error: unknown) => {
    say({ kind: 'failed', reason: String(error) });
  },
);

const plain = ({ code, message, start_location, end_location }: Finding): Finding => ({
  code,
  message,
  start_location,
  end_location,
});
