// The wall page: one more client of the public GraphQL API.
//
// It holds one WebSocket, draws the newest state of one leaderboard, and says how old that is.
// ?unit=CODE  ranks what is under that unit (default: the root)
// ?period=CODE  of that period (default: the one that is running)
// ?first=N  so many rows, 1 to 30 (default: 10)

const SUBSCRIPTION = `subscription Wall($within: UnitRef, $period: PeriodRef, $first: Int!) {
  leaderboard(within: $within, period: $period, first: $first) {
    version asOf rankBy ranked
    period { name startsOn endsOn }
    within { name }
    total { submitted accepted pending target ratio }
    entries {
      rank previousRank value gained
      tally { submitted target ratio }
      unit { code name }
    }
  }
}`;

const PING_MS = 10_000;
/** Heard nothing for so long: the line is taken for dead. */
const SILENCE_MS = 25_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 20_000;
const MOVE_MS = 700;
const LIT_MS = 4_000;
/** Where the bar ends, as a ratio; wall.css draws the notch at 1. */
const BAR_END = 1.25;
const DAY_MS = 86_400_000;

const byId = (id) => document.getElementById(id);
const put = (id, text) => { byId(id).textContent = text; };

// Numbers and days, as they are written in Vietnamese.

const whole = new Intl.NumberFormat("vi-VN");
const tenths = new Intl.NumberFormat("vi-VN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const moment = new Intl.DateTimeFormat("vi-VN", {
  timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", second: "2-digit",
});

/** Rounded down, so that 99,96% does not look like the target. */
const percent = (ratio) => `${tenths.format(Math.floor(ratio * 1000 + 1e-6) / 10)}%`;

const shortDay = (iso) => iso.split("-").map(Number).reverse().join("/");

/** The calendar day in Việt Nam, as the server writes it. */
const dayOf = (instant) =>
  new Date(Date.parse(instant) + 7 * 3_600_000).toISOString().slice(0, 10);

const daysBetween = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);

/** "Liên đoàn Lao động huyện Long Thành": "Huyện Long Thành". */
function shortName(name) {
  const rest = name.replace(/^Liên đoàn Lao động /, "");
  return rest.charAt(0).toLocaleUpperCase("vi") + rest.slice(1);
}

function age(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} giây`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} phút`;
  return `${Math.floor(seconds / 3600)} giờ ${Math.floor((seconds % 3600) / 60)} phút`;
}

// Drawing.

function drawBar(bar, ratio) {
  const filled = Math.min(Math.max(ratio ?? 0, 0) / BAR_END, 1);
  bar.style.clipPath = `inset(0 ${(100 - filled * 100).toFixed(2)}% 0 0 round 1em)`;
  bar.classList.toggle("reached", ratio !== null && ratio >= 1);
}

function drawPeriod(board) {
  const { name, startsOn, endsOn } = board.period;
  const today = dayOf(board.asOf);
  const days = daysBetween(startsOn, endsOn) + 1;
  const number = daysBetween(startsOn, today) + 1;
  put("within", board.within.name);
  put("period", name);
  put("measure", board.rankBy === "TARGET_RATIO" ? "· sáng kiến đã đăng ký so với chỉ tiêu" : "");
  if (number < 1) {
    put("day", `Còn ${1 - number} ngày`);
    put("days-left", `bắt đầu ${shortDay(startsOn)}`);
  } else if (number > days) {
    put("day", "Đã kết thúc");
    put("days-left", `ngày ${shortDay(endsOn)}`);
  } else {
    put("day", `Ngày ${number} / ${days}`);
    const left = number === days ? "ngày cuối" : `còn ${days - number} ngày`;
    put("days-left", `${left} · ${shortDay(today)}`);
  }
}

function drawTotal({ submitted, accepted, pending, target, ratio }) {
  put("submitted", whole.format(submitted));
  put("accepted", whole.format(accepted));
  put("pending", whole.format(pending));
  put("ratio", ratio === null ? "" : percent(ratio));
  put("target", target === null ? "chưa có chỉ tiêu" : `chỉ tiêu ${whole.format(target)}`);
  const missing = target === null ? null : target - submitted;
  put("missing-label", missing !== null && missing < 0 ? "vượt chỉ tiêu" : "còn thiếu");
  put("missing", missing === null ? "–" : whole.format(Math.abs(missing)));
  drawBar(byId("total-bar"), ratio);
}

/** Rows by the code of their unit: a row stays the same element while its unit is shown. */
const rows = new Map();

function newRow() {
  const element = byId("row").content.firstElementChild.cloneNode(true);
  const part = (selector) => element.querySelector(selector);
  return {
    element, rank: null, timer: 0,
    parts: {
      rank: part(".rank"), move: part(".move"), name: part(".name"), track: part(".track"),
      bar: part(".bar"), percent: part(".percent"), count: part(".count b"),
      target: part(".count small"), gained: part(".gained"),
    },
  };
}

function drawMove(element, { rank, previousRank }) {
  const up = previousRank === null ? 0 : previousRank - rank;
  element.textContent = up > 0 ? `▲${up}` : up < 0 ? `▼${-up}` : "–";
  element.dataset.way = up > 0 ? "up" : up < 0 ? "down" : "";
}

function drawRow(row, entry) {
  const { parts, element } = row;
  const { submitted, target, ratio } = entry.tally;
  parts.rank.textContent = entry.rank;
  drawMove(parts.move, entry);
  parts.name.textContent = shortName(entry.unit.name);
  parts.percent.textContent = ratio === null ? "" : percent(ratio);
  parts.count.textContent = whole.format(submitted);
  parts.target.textContent = target === null ? "" : ` / ${whole.format(target)}`;
  parts.track.classList.toggle("untargeted", target === null);
  drawBar(parts.bar, ratio);
  parts.gained.textContent = entry.gained > 0 ? `+${whole.format(entry.gained)}` : whole.format(entry.gained);
  parts.gained.classList.toggle("none", entry.gained <= 0);
  element.classList.toggle("top", entry.rank <= 3 && entry.value > 0);
  if (row.rank !== null && entry.rank < row.rank) light(row);
  row.rank = entry.rank;
}

/** The row that has just risen is lit for a while. */
function light(row) {
  row.element.classList.add("moved");
  clearTimeout(row.timer);
  row.timer = setTimeout(() => row.element.classList.remove("moved"), LIT_MS);
}

function drawEntries(entries, ranked) {
  const list = byId("rows");
  document.documentElement.style.setProperty("--rows", Math.max(entries.length, 1));
  const before = new Map([...rows].map(([code, row]) => [code, row.element.getBoundingClientRect().top]));

  const shown = new Set(entries.map((entry) => entry.unit.code));
  for (const [code, row] of rows) {
    if (shown.has(code)) continue;
    clearTimeout(row.timer);
    row.element.remove();
    rows.delete(code);
  }
  entries.forEach((entry, at) => {
    const row = rows.get(entry.unit.code) ?? newRow();
    rows.set(entry.unit.code, row);
    drawRow(row, entry);
    if (list.children[at] !== row.element) list.insertBefore(row.element, list.children[at] ?? null);
  });
  slide(before);
  const more = ranked - entries.length;
  put("rest", more > 0 ? `còn ${whole.format(more)} đơn vị` : "");
}

/** Every row starts where it was seen, also on its way, and moves to where it now belongs. */
function slide(before) {
  for (const { element } of rows.values()) element.getAnimations().forEach(cancelSlide);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [code, { element }] of rows) {
    const from = before.get(code);
    const by = from === undefined ? 0 : from - element.getBoundingClientRect().top;
    if (from !== undefined && Math.abs(by) < 1) continue;
    const frames = from === undefined
      ? [{ opacity: 0 }, { opacity: 1 }]
      : [{ transform: `translateY(${by}px)` }, { transform: "none" }];
    element.animate(frames, { id: "slide", duration: MOVE_MS, easing: "ease-out" });
  }
}

/** The transitions of colours and bars go on. */
const cancelSlide = (running) => running.id === "slide" && running.cancel();

function draw(board) {
  drawPeriod(board);
  drawTotal(board.total);
  drawEntries(board.entries, board.ranked);
}

// The connection.

const state = { asOf: null, heardAt: 0, live: false, retryAt: 0, attempts: 0, refusal: "" };

function drawStatus() {
  const element = byId("status");
  const now = performance.now();
  const wait = Math.max(0, Math.ceil((state.retryAt - now) / 1000));
  const again = wait > 0 ? `thử lại sau ${wait} giây` : "đang kết nối lại…";
  document.body.classList.toggle("stale", !state.live && state.asOf !== null);
  if (state.live) {
    element.dataset.state = "live";
    element.textContent = `trực tiếp · số liệu lúc ${moment.format(new Date(state.asOf))}`;
  } else if (state.asOf !== null) {
    element.dataset.state = "lost";
    const old = age(now - state.heardAt);
    element.textContent = `mất kết nối · số liệu của ${old} trước · ${state.refusal}${again}`;
  } else {
    element.dataset.state = state.attempts > 0 ? "lost" : "waiting";
    element.textContent = state.attempts > 0 ? `chưa có số liệu · ${state.refusal}${again}` : "đang kết nối…";
  }
}

function variables() {
  const query = new URLSearchParams(location.search);
  const code = (name) => (query.get(name) ? { code: query.get(name) } : undefined);
  const first = Math.min(Math.max(Math.trunc(Number(query.get("first"))) || 10, 1), 30);
  return { within: code("unit"), period: code("period"), first };
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/graphql`, "graphql-transport-ws");
  const send = (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
  let lastFrame = performance.now();
  let ended = false;

  const watch = setInterval(() => {
    if (performance.now() - lastFrame > SILENCE_MS) end();
    else send({ type: "ping" });
  }, PING_MS);

  function end() {
    if (ended) return;
    ended = true;
    clearInterval(watch);
    socket.close();
    state.live = false;
    retry();
  }

  function refused(errors) {
    state.refusal = `${errors?.[0]?.message ?? "máy chủ từ chối"} · `;
    end();
  }

  const on = {
    connection_ack: () => send({
      id: "wall", type: "subscribe", payload: { query: SUBSCRIPTION, variables: variables() },
    }),
    ping: () => send({ type: "pong" }),
    next: ({ payload }) => {
      const board = payload.data?.leaderboard;
      if (!board) return refused(payload.errors);
      Object.assign(state, { asOf: board.asOf, heardAt: lastFrame, live: true, attempts: 0, refusal: "" });
      draw(board);
      drawStatus();
    },
    error: ({ payload }) => refused(payload),
    complete: end,
  };

  socket.onopen = () => send({ type: "connection_init" });
  socket.onmessage = ({ data }) => {
    if (ended) return;
    lastFrame = performance.now();
    if (state.live) state.heardAt = lastFrame;
    const message = JSON.parse(data);
    on[message.type]?.(message);
  };
  socket.onclose = end;
}

/** Waits twice as long each time, and never as long as the wall beside it. */
function retry() {
  const most = Math.min(RETRY_FIRST_MS * 2 ** state.attempts, RETRY_MAX_MS);
  const wait = most * (0.5 + Math.random() / 2);
  state.attempts += 1;
  state.retryAt = performance.now() + wait;
  setTimeout(connect, wait);
  drawStatus();
}

setInterval(drawStatus, 1000);
connect();
