// Entry point: the editor, or a share, which the address names.
import { startApp } from './app';
import { shareIn } from './domain/share';

const root = document.getElementById('app');
if (!root) throw new Error('index.html has no #app');

const shared = shareIn(location.hash);
if (shared === null) startApp(root);
else {
  void import('./share/start').then(({ startShare }) =>
    startShare(root, shared, (name, draft, isRun) => {
      history.pushState(null, '', '/');
      root.replaceChildren();
      root.classList.remove('share');
      startApp(root, { name, draft, isRun });
    }),
  );
}
// The page shows one or the other from its start.
window.addEventListener('hashchange', () => {
  const named = shareIn(location.hash);
  if (named !== null || shared !== null) location.reload();
});
