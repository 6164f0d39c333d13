// What this screen remembers over a restart of its computer; where the browser keeps nothing, for as long as the
// page is open.

const forNow = new Map();

export const memory = {
  getItem(key) {
    let kept = null;
    try { kept = localStorage.getItem(key); } catch { /* It is off. */ }
    return kept === null && forNow.has(key) ? forNow.get(key) : kept;
  },
  setItem(key, value) {
    forNow.set(key, value);
    try { localStorage.setItem(key, value); } catch { /* It is off, or full. */ }
  },
  removeItem(key) {
    forNow.delete(key);
    try { localStorage.removeItem(key); } catch { /* It is off. */ }
  },
};
