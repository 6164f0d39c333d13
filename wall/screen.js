// The screen itself: no pointer over the board, and no sleep.

const POINTER_MS = 3_000;

/** The pointer is seen while somebody moves it. */
export function hidePointer() {
  const { classList } = document.body;
  let timer = 0;
  const hide = () => classList.add("unpointed");
  addEventListener("mousemove", () => {
    classList.remove("unpointed");
    clearTimeout(timer);
    timer = setTimeout(hide, POINTER_MS);
  });
  hide();
}

/** Where the browser can keep the screen awake; it lets go of that when the page is hidden. */
export function stayAwake() {
  const { wakeLock } = /** @type {any} */ (navigator);
  if (!wakeLock) return;
  const ask = () => {
    // Refused while the battery is low, and on pages without TLS.
    if (!document.hidden) wakeLock.request("screen").catch(() => {});
  };
  document.addEventListener("visibilitychange", ask);
  ask();
}
