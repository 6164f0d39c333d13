// A board that stays live: `index.html?server=http://127.0.0.1:8080&unit=CODE`. The folder that has this package and
// graphql-ws beside each other (node_modules) is served by any file server, whose origin the server allows.

/** @import { BoardSubscription, LiveState } from '../index.js' */

import { Board, connect } from '../index.js';

const parameters = new URLSearchParams(location.search);
const unit = parameters.get('unit');
const sangkien = connect(parameters.get('server') ?? 'http://127.0.0.1:8080');

/** @param {string} id */
const element = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {(string | number | null)[]} cells */
function row(cells) {
  const row = document.createElement('tr');
  for (const cell of cells) row.insertCell().textContent = cell === null ? '' : String(cell);
  return row;
}

const board = sangkien.follow(Board, { first: 10, within: unit === null ? null : { code: unit } }, draw);
setInterval(() => tell(board.state), 1_000);

/** @param {LiveState<BoardSubscription>} state */
function draw(state) {
  document.body.dataset['status'] = state.status;
  const entries = state.data?.leaderboard?.entries ?? [];
  element('rows').replaceChildren(...entries.map(({ rank, unit, tally }) => (
    row([rank, unit.name, tally.submitted, tally.target])
  )));
  tell(state);
}

/** @param {LiveState<BoardSubscription>} state */
function tell({ status, error }) {
  const age = board?.age() ?? 0;
  element('status').textContent = {
    connecting: error?.message ?? 'đang kết nối…',
    live: age < 1_000 ? 'trực tiếp' : `số liệu của ${Math.round(age / 1_000)} giây trước`,
    lost: `mất kết nối, số liệu của ${Math.round(age / 1_000)} giây trước`,
    over: error?.message ?? 'đã kết thúc',
  }[status];
}
