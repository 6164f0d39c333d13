// The token of a page. It leaves the address before anything is shown, since others could read it there.

import { memory, session } from "./memory.js";

const KEY = "sangkien.token";

/** Takes the token out of parameters; null where they have none. */
function takeFrom(parameters) {
  const found = parameters.getAll("token").map((text) => text.trim()).filter(Boolean);
  parameters.delete("token");
  return found.length ? found[found.length - 1] : null;
}

const rewrite = (address) => history.replaceState(null, "", address.href);

/** Takes the token out of the query of the address; null where it has none. */
export function takeFromQuery() {
  const address = new URL(location.href);
  if (!address.searchParams.has("token")) return null;
  const token = takeFrom(address.searchParams);
  rewrite(address);
  return token;
}

function takeFromHash() {
  const address = new URL(location.href);
  const parameters = new URLSearchParams(address.hash.slice(1));
  if (!parameters.has("token")) return null;
  const token = takeFrom(parameters);
  address.hash = parameters.toString();
  rewrite(address);
  return token;
}

/** `take` keeps the token of the address, and gives the one that is known; a token that the server does not know is to be forgotten. */
function keeper(storage, takeFromAddress) {
  return {
    take() {
      const token = takeFromAddress();
      if (token !== null) storage.setItem(KEY, token);
      return storage.getItem(KEY);
    },
    forget: () => storage.removeItem(KEY),
  };
}

/** A screen has a token of the role DISPLAY, by `?token=`, and finds it again after a start of its computer. */
export const screenToken = keeper(memory, takeFromQuery);
/** Staff have theirs by `#token=`, which is never sent and so stands in no log; it ends with the tab. */
export const staffToken = keeper(session, takeFromHash);
