// Draws a text as a QR code, here and nowhere else. The code itself is made by uqr, which is beside this file.
import { encode } from "./uqr.js";

const SVG = "http://www.w3.org/2000/svg";
const QUIET = 4;
const LONGEST_VERSION = 20;

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

/** The rows of the code, true for dark: error correction level M. Throws RangeError for more than 666 bytes. */
export function modules(text) {
  return encode(text, { ecc: "M", maxVersion: LONGEST_VERSION, border: 0 }).data;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}
