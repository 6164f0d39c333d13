/** @import { BoardSubscription, LiveState, Sangkien } from '../index.js' */

import { Board } from '../index.js';

/**
 * A tree of units in which each opened unit shows the board of the units below it, live; a closed one costs nothing.
 * @param {Sangkien} sangkien
 * @param {(code: string, state: LiveState<BoardSubscription>) => void} draw
 */
export function openNodes(sangkien, draw) {
  /** @type {Map<string, { close(): void }>} */
  const opened = new Map();
  return {
    /** @param {string} code */
    open(code) {
      if (opened.has(code)) return;
      const within = { code };
      opened.set(code, sangkien.follow(Board, { within, first: 100 }, (state) => draw(code, state)));
    },
    /** @param {string} code */
    close(code) {
      opened.get(code)?.close();
      opened.delete(code);
    },
  };
}
