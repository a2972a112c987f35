// What a browser is called, by how it calls itself. The first that fits counts: most claim to be others as well.
import { words } from "./words.js";

const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\//, "Firefox"],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS = [
  [/\bAndroid\b/, "Android"],
  [/\biPhone\b|\biPad\b/, "iOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/** A few words for a `User-Agent`: "Firefox on Linux", or its own first word. */
export function named(agent) {
  if (!agent) return words("session.unknown");
  const browser = BROWSERS.find(([pattern]) => pattern.test(agent))?.[1] ?? agent.split(/[\s/]/)[0];
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  return system ? words("session.named", { browser, system }) : browser;
}
