// Entry point of a share inside another site's page: it can only be read.
import { shareIn } from './domain/share';
import { startShare } from './share/start';

const root = document.getElementById('app');
if (!root) throw new Error('embed.html has no #app');

const show = (): void => {
  root.replaceChildren();
  void startShare(root, shareIn(location.hash) ?? '', null);
};
window.addEventListener('hashchange', show);
show();
