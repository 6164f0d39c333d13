// Texts that a page remembers. Where the browser keeps nothing they last for as long as the page is open.

/** `storage` gives a storage of the browser; asking for one may fail, as reading and writing may. */
function memoryIn(storage) {
  const forNow = new Map();
  return {
    getItem(key) {
      let kept = null;
      try { kept = storage().getItem(key); } catch { /* It is off. */ }
      return kept === null && forNow.has(key) ? forNow.get(key) : kept;
    },
    setItem(key, value) {
      forNow.set(key, value);
      try { storage().setItem(key, value); } catch { /* It is off, or full. */ }
    },
    removeItem(key) {
      forNow.delete(key);
      try { storage().removeItem(key); } catch { /* It is off. */ }
    },
  };
}

/** A screen remembers over a restart of its computer. */
export const memory = memoryIn(() => localStorage);
/** A desk remembers until the tab is closed. */
export const session = memoryIn(() => sessionStorage);
