const KEY = 'harbormaster.theme';

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @returns {'light' | 'dark'} */
function current() {
  const known = stored();
  if (known === 'light' || known === 'dark') return known;
  return matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}

/** As chosen before, else as the system has it. */
export function applyTheme() {
  const apply = () => {
    document.documentElement.dataset.theme = current();
  };
  apply();
  matchMedia('(prefers-color-scheme: light)').addEventListener('change', apply);
}

export function switchTheme() {
  const next = current() === 'dark' ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // It is chosen for this page alone.
  }
  document.documentElement.dataset.theme = next;
}
