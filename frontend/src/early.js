// Runs before the first paint, so that a page of the other theme is never seen. It is a file of its own because the
// page's policy allows no script in the markup; src/ui/theme.ts does everything that can wait.
let chosen = null;
try {
  chosen = localStorage.getItem('oneshot.theme');
} catch {
  // The browser forbids storage.
}
const isDark =
  chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
