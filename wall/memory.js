// What this screen remembers over a restart of its computer; where the browser keeps nothing, for as long as the
// page is open.

const forNow = new Map();

export const memory = {
  getItem(key) {
    try { return localStorage.getItem(key) ?? forNow.get(key) ?? null; } catch { return forNow.get(key) ?? null; }
  },
  setItem(key, value) {
    forNow.set(key, value);
    try { localStorage.setItem(key, value); } catch { /* It is off, or full. */ }
  },
};
