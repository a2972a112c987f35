// Draws a text as a QR code (ISO/IEC 18004), here and nowhere else: bytes, error correction level M, versions 1 to 20.

/** Check codewords of each block, and the number of blocks, by version: table 9, level M. */
const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** Table 10: whether a mask turns the module at row y, column x over. */
const MASKS = [
  (x, y) => (x + y) % 2 === 0,
  (x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4;

/** The code as a picture, with the quiet zone that readers want. `label` says what it is to whoever cannot see it. */
export function picture(text, label) {
  const rows = modules(text);
  const size = rows.length + 2 * QUIET;
  const dark = rows.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x + QUIET},${y + QUIET}h1v1h-1z`] : [])));
  const svg = element("svg", { viewBox: `0 0 ${size} ${size}`, role: "img", class: "qr", "shape-rendering": "crispEdges" });
  svg.ariaLabel = label;
  svg.append(
    element("rect", { width: size, height: size, fill: "#fff" }),
    element("path", { d: dark.join(""), fill: "#000" }),
  );
  return svg;
}

/** The rows of the code, true for dark. Throws RangeError for more than 666 bytes. */
export function modules(text) {
  const data = new TextEncoder().encode(text);
  const version = versionFor(data.length);
  const words = codewords(data, version);
  const codes = MASKS.map((_, mask) => drawn(version, words, mask));
  return codes.reduce((best, code) => (penalty(code) < penalty(best) ? code : best));
}

function versionFor(length) {
  for (let version = 1; version <= BLOCKS.length; version++) {
    if (4 + lengthBits(version) + 8 * length <= 8 * dataWords(version)) return version;
  }
  throw new RangeError("too long for a QR code");
}

const lengthBits = (version) => (version < 10 ? 8 : 16);
const allWords = (version) => Math.floor(dataModules(version) / 8);
const dataWords = (version) => allWords(version) - CHECKS[version - 1] * BLOCKS[version - 1];
const sizeOf = (version) => 17 + 4 * version;

/** Modules that are left for codewords, once every pattern has its place. */
function dataModules(version) {
  const plain = (16 * version + 128) * version + 64;
  if (version < 2) return plain;
  const aligned = Math.floor(version / 7) + 2;
  return plain - (25 * aligned - 10) * aligned + 55 - (version < 7 ? 0 : 36);
}

/** Data and check codewords of all blocks, interleaved (clauses 7.4 to 7.6). */
function codewords(data, version) {
  const bits = [];
  const put = (value, count) => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >>> bit) & 1);
  };
  put(0b0100, 4);
  put(data.length, lengthBits(version));
  for (const byte of data) put(byte, 8);
  const room = 8 * dataWords(version);
  put(0, Math.min(4, room - bits.length));
  put(0, -bits.length & 7);
  for (let pad = 0xec; bits.length < room; pad ^= 0xec ^ 0x11) put(pad, 8);
  const words = Array.from({ length: room / 8 }, (_, n) => parseInt(bits.slice(8 * n, 8 * n + 8).join(""), 2));

  const count = BLOCKS[version - 1];
  const long = words.length % count;
  const blocks = [];
  for (let n = 0, start = 0; n < count; n++) {
    const end = start + Math.floor(words.length / count) + (n >= count - long ? 1 : 0);
    blocks.push(words.slice(start, end));
    start = end;
  }
  const checks = blocks.map((block) => remainder(block, CHECKS[version - 1]));
  return [...interleaved(blocks), ...interleaved(checks)];
}

function interleaved(blocks) {
  const longest = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: longest }, (_, n) => blocks.flatMap((block) => (n < block.length ? [block[n]] : []))).flat();
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function product(a, b) {
  let result = 0;
  for (let bit = 7; bit >= 0; bit--) {
    result = (result << 1) ^ ((result >>> 7) * 0x11d);
    result ^= ((b >>> bit) & 1) * a;
  }
  return result;
}

/** The check codewords of a block (Reed and Solomon). */
function remainder(block, degree) {
  let divisor = [1];
  for (let n = 0, root = 1; n < degree; n++, root = product(root, 2)) {
    divisor = [...divisor, 0].map((word, i) => word ^ (i ? product(divisor[i - 1], root) : 0));
  }
  const rest = new Array(degree).fill(0);
  for (const word of block) {
    const factor = word ^ rest.shift();
    rest.push(0);
    divisor.slice(1).forEach((coefficient, i) => (rest[i] ^= product(coefficient, factor)));
  }
  return rest;
}

function drawn(version, words, mask) {
  const size = sizeOf(version);
  const rows = Array.from({ length: size }, () => new Array(size).fill(null));
  const set = (x, y, dark) => {
    if (x >= 0 && y >= 0 && x < size && y < size) rows[y][x] = Boolean(dark);
  };
  drawPatterns(version, size, rows, set);
  drawFormat(size, mask, set);
  if (version > 6) drawVersion(version, size, set);
  drawWords(size, rows, words, mask);
  return rows;
}

function drawPatterns(version, size, rows, set) {
  for (let n = 0; n < size; n++) {
    set(6, n, n % 2 === 0);
    set(n, 6, n % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(cx, cy, 4, (ring) => ring !== 2 && ring !== 4, set);
  const places = alignments(version, size);
  const last = places.length - 1;
  places.forEach((cx, i) =>
    places.forEach((cy, j) => {
      const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
      if (!corner) square(cx, cy, 2, (ring) => ring !== 1, set);
    }),
  );
}

function square(cx, cy, reach, isDark, set) {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) set(cx + dx, cy + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

function alignments(version, size) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = 2 * Math.ceil((size - 13) / (2 * count - 2));
  return [6, ...Array.from({ length: count - 1 }, (_, n) => size - 7 - (count - 2 - n) * step)];
}

/** The mask, and level M, which is 00 (clause 7.9). */
function drawFormat(size, mask, set) {
  const bits = ((mask << 10) | checked(mask, 10, 0x537)) ^ 0x5412;
  const bit = (n) => (bits >>> n) & 1;
  for (let n = 0; n < 15; n++) {
    const along = n < 6 ? n : n < 8 ? n + 1 : n - 15;
    if (n < 8) set(8, along, bit(n));
    else set(8, size + along, bit(n));
    if (n < 8) set(size - 1 - n, 8, bit(n));
    else set(n === 8 ? 7 : 14 - n, 8, bit(n));
  }
  set(8, size - 8, true);
}

function drawVersion(version, size, set) {
  const bits = (version << 12) | checked(version, 12, 0x1f25);
  for (let n = 0; n < 18; n++) {
    const [far, near] = [size - 11 + (n % 3), Math.floor(n / 3)];
    set(far, near, (bits >>> n) & 1);
    set(near, far, (bits >>> n) & 1);
  }
}

/** The check bits of a Bose, Chaudhuri and Hocquenghem code. */
function checked(value, count, generator) {
  let rest = value;
  for (let n = 0; n < count; n++) rest = (rest << 1) ^ ((rest >>> (count - 1)) * generator);
  return rest;
}

/** Up and down in pairs of columns from the right, around what is drawn already (clause 7.7.3). */
function drawWords(size, rows, words, mask) {
  let n = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== null) continue;
        const bit = n < 8 * words.length && (words[n >>> 3] >>> (7 - (n & 7))) & 1;
        rows[y][x] = Boolean(bit) !== MASKS[mask](x, y);
        n++;
      }
    }
  }
}

/** How hard a code is to read (clause 7.8.3): the mask with the least is taken. */
function penalty(rows) {
  const columns = rows.map((_, x) => rows.map((row) => row[x]));
  const lines = [...rows, ...columns].map((line) => line.map(Number).join(""));
  let points = 0;
  for (const line of lines) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) points += run.length - 2;
    points += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  for (let y = 1; y < rows.length; y++) {
    for (let x = 1; x < rows.length; x++) {
      const dark = rows[y][x] + rows[y - 1][x] + rows[y][x - 1] + rows[y - 1][x - 1];
      if (dark % 4 === 0) points += 3;
    }
  }
  const share = (100 * rows.flat().filter(Boolean).length) / rows.length ** 2;
  return points + 10 * Math.floor(Math.abs(share - 50) / 5);
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
