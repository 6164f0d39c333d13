// QR codes (ISO/IEC 18004) for addresses: bytes, error correction of level M, versions 1 to 15. Level M holds up to
// 412 bytes there.

const VERSION_MAX = 15;
/** By version: correction bytes of each block, and blocks. */
const CORRECTION = [0, 10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24];
const BLOCKS = [0, 1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10];
const LEVEL_M = 0;
const BYTES_MODE = 4;

/** Places for data and correction, in bytes. */
function room(version) {
  let modules = (16 * version + 128) * version + 64;
  if (version >= 2) {
    const marks = Math.floor(version / 7) + 2;
    modules -= (25 * marks - 10) * marks - 55;
    if (version >= 7) modules -= 36;
  }
  return Math.floor(modules / 8);
}

const dataRoom = (version) => room(version) - CORRECTION[version] * BLOCKS[version];
const lengthBits = (version) => (version < 10 ? 8 : 16);

/** In the field of 256 elements by x⁸ + x⁴ + x³ + x² + 1. */
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((b >>> bit) & 1) * a;
  }
  return product;
}

function divisor(degree) {
  const result = new Uint8Array(degree);
  result[degree - 1] = 1;
  for (let step = 0, root = 1; step < degree; step += 1, root = times(root, 2)) {
    for (let at = 0; at < degree; at += 1) {
      result[at] = times(result[at], root) ^ (at + 1 < degree ? result[at + 1] : 0);
    }
  }
  return result;
}

function remainder(data, by) {
  const result = new Uint8Array(by.length);
  for (const byte of data) {
    const factor = byte ^ result[0];
    result.copyWithin(0, 1);
    result[by.length - 1] = 0;
    by.forEach((coefficient, at) => { result[at] ^= times(coefficient, factor); });
  }
  return result;
}

function dataBytes(text, version) {
  const bits = [];
  const push = (value, length) => {
    for (let bit = length - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1);
  };
  push(BYTES_MODE, 4);
  push(text.length, lengthBits(version));
  text.forEach((byte) => push(byte, 8));
  const capacity = dataRoom(version) * 8;
  push(0, Math.min(4, capacity - bits.length));
  push(0, (8 - bits.length % 8) % 8);
  for (let pad = 0xec; bits.length < capacity; pad ^= 0xec ^ 0x11) push(pad, 8);
  return Uint8Array.from({ length: bits.length / 8 }, (_, at) =>
    bits.slice(at * 8, at * 8 + 8).reduce((byte, bit) => (byte << 1) | bit, 0));
}

/** Blocks with their correction, interleaved. */
function codewords(data, version) {
  const [blocks, correction] = [BLOCKS[version], CORRECTION[version]];
  const total = room(version);
  const short = Math.floor(total / blocks) - correction;
  const shortBlocks = blocks - total % blocks;
  const by = divisor(correction);
  const parts = [];
  for (let block = 0, at = 0; block < blocks; block += 1) {
    const length = short + (block < shortBlocks ? 0 : 1);
    const part = data.slice(at, at + length);
    parts.push({ part, correction: remainder(part, by) });
    at += length;
  }
  const result = [];
  for (let at = 0; at <= short; at += 1) for (const { part } of parts) if (at < part.length) result.push(part[at]);
  for (let at = 0; at < correction; at += 1) for (const { correction: bytes } of parts) result.push(bytes[at]);
  return result;
}

const MASKS = [
  (x, y) => (x + y) % 2, (x, y) => y % 2, (x) => x % 3, (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2, (x, y) => x * y % 2 + x * y % 3,
  (x, y) => (x * y % 2 + x * y % 3) % 2, (x, y) => ((x + y) % 2 + x * y % 3) % 2,
];

class Grid {
  constructor(version) {
    this.version = version;
    this.size = version * 4 + 17;
    this.dark = Array.from({ length: this.size }, () => new Uint8Array(this.size));
    this.fixed = Array.from({ length: this.size }, () => new Uint8Array(this.size));
  }

  fix(x, y, dark) {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y][x] = dark ? 1 : 0;
    this.fixed[y][x] = 1;
  }

  drawMarks() {
    const { size, version } = this;
    for (let at = 0; at < size; at += 1) {
      this.fix(6, at, at % 2 === 0);
      this.fix(at, 6, at % 2 === 0);
    }
    for (const [left, top] of [[3, 3], [size - 4, 3], [3, size - 4]]) {
      for (let y = -4; y <= 4; y += 1) for (let x = -4; x <= 4; x += 1) {
        const ring = Math.max(Math.abs(x), Math.abs(y));
        this.fix(left + x, top + y, ring !== 2 && ring !== 4);
      }
    }
    const places = markPlaces(version, size);
    const last = places.length - 1;
    places.forEach((cx, i) => places.forEach((cy, j) => {
      if ((i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)) return;
      for (let y = -2; y <= 2; y += 1) for (let x = -2; x <= 2; x += 1) {
        this.fix(cx + x, cy + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
      }
    }));
    this.drawFormat(0);
    if (version >= 7) this.drawVersion();
  }

  drawFormat(mask) {
    const data = (LEVEL_M << 3) | mask;
    let rest = data;
    for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (at) => (bits >>> at) & 1;
    for (let at = 0; at <= 5; at += 1) this.fix(8, at, bit(at));
    this.fix(8, 7, bit(6));
    this.fix(8, 8, bit(7));
    this.fix(7, 8, bit(8));
    for (let at = 9; at < 15; at += 1) this.fix(14 - at, 8, bit(at));
    for (let at = 0; at < 8; at += 1) this.fix(this.size - 1 - at, 8, bit(at));
    for (let at = 8; at < 15; at += 1) this.fix(8, this.size - 15 + at, bit(at));
    this.fix(8, this.size - 8, 1);
  }

  drawVersion() {
    let rest = this.version;
    for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (this.version << 12) | rest;
    for (let at = 0; at < 18; at += 1) {
      const [a, b] = [this.size - 11 + at % 3, Math.floor(at / 3)];
      this.fix(a, b, (bits >>> at) & 1);
      this.fix(b, a, (bits >>> at) & 1);
    }
  }

  drawData(bytes) {
    let at = 0;
    for (let right = this.size - 1; right >= 1; right -= 2) {
      if (right === 6) right = 5;
      for (let step = 0; step < this.size; step += 1) for (let side = 0; side < 2; side += 1) {
        const x = right - side;
        const y = ((right + 1) & 2) === 0 ? this.size - 1 - step : step;
        if (this.fixed[y][x] || at >= bytes.length * 8) continue;
        this.dark[y][x] = (bytes[at >>> 3] >>> (7 - (at & 7))) & 1;
        at += 1;
      }
    }
  }

  mask(mask) {
    for (let y = 0; y < this.size; y += 1) for (let x = 0; x < this.size; x += 1) {
      if (!this.fixed[y][x] && MASKS[mask](x, y) === 0) this.dark[y][x] ^= 1;
    }
  }

  /** How hard it is to read: long runs, blocks, what looks like a corner, too much of one colour. */
  penalty() {
    const { size, dark } = this;
    let sum = 0;
    const lines = [...dark.map((row) => [...row]), ...Array.from({ length: size }, (_, x) => dark.map((row) => row[x]))];
    for (const line of lines) {
      const text = line.join("");
      for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
      for (const corner of ["10111010000", "00001011101"]) {
        for (let at = text.indexOf(corner); at >= 0; at = text.indexOf(corner, at + 1)) sum += 40;
      }
    }
    for (let y = 1; y < size; y += 1) for (let x = 1; x < size; x += 1) {
      const four = dark[y][x] + dark[y - 1][x] + dark[y][x - 1] + dark[y - 1][x - 1];
      if (four === 0 || four === 4) sum += 3;
    }
    const part = dark.flatMap((row) => [...row]).reduce((all, one) => all + one, 0) / size ** 2;
    return sum + Math.floor(Math.abs(part * 20 - 10)) * 10;
  }
}

function markPlaces(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2;
  const places = [6];
  for (let at = size - 7; places.length < count; at -= step) places.splice(1, 0, at);
  return places;
}

/** The rows of the code, 1 for dark; null for a text that is too long. */
export function qr(text) {
  const bytes = new TextEncoder().encode(text);
  let version = 1;
  while (version <= VERSION_MAX && 4 + lengthBits(version) + bytes.length * 8 > dataRoom(version) * 8) version += 1;
  if (version > VERSION_MAX) return null;
  const grid = new Grid(version);
  grid.drawMarks();
  grid.drawData(codewords(dataBytes(bytes, version), version));
  let best = { mask: 0, penalty: Infinity };
  for (let mask = 0; mask < MASKS.length; mask += 1) {
    grid.mask(mask);
    grid.drawFormat(mask);
    const penalty = grid.penalty();
    if (penalty < best.penalty) best = { mask, penalty };
    grid.mask(mask);
  }
  grid.mask(best.mask);
  grid.drawFormat(best.mask);
  return grid.dark.map((row) => [...row]);
}
