// What every visit checks, whoever asks for it: one browser, one look at a page.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const AXE = `${readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")};undefined`;
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
export const SCHEMES = ["light", "dark"];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
}

/** A browser context. The page's policy stays in force; axe comes in through the debugger, which may pass it. */
export function context(browser, size, scheme, more = {}) {
  return browser.newContext({ viewport: SIZES[size], colorScheme: scheme, deviceScaleFactor: 1, reducedMotion: "reduce", hasTouch: size === "phone", locale: "en-GB", timezoneId: "UTC", ...more });
}

/** Collects what a page complains about; call before the first visit. */
export function listen(page) {
  const heard = [];
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") heard.push(`${m.type()}: ${m.text()}`); });
  page.on("pageerror", (e) => heard.push(`exception: ${e.message}`));
  // Leaving a page cancels what it was still fetching; that is no failure.
  page.on("requestfailed", (r) => { if (r.failure()?.errorText !== "net::ERR_ABORTED") heard.push(`failed: ${r.url()} ${r.failure()?.errorText}`); });
  page.on("response", (r) => { if (r.status() >= 400 && r.request().resourceType() !== "document") heard.push(`${r.status()}: ${r.url()}`); });
  return heard;
}

/** Looks at the page as it stands: screenshot, overflow, axe. Returns what is wrong, in words. */
export async function inspect(page, { folder, name, heard, fullPage = true }) {
  const wrong = heard.splice(0);
  mkdirSync(folder, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
  const over = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return null;
    const clipped = (el) => { for (let p = el.parentElement; p; p = p.parentElement) if (getComputedStyle(p).overflowX !== "visible") return true; return false; };
    const widest = [...document.querySelectorAll("body *")].filter((el) => el.getBoundingClientRect().right > room + 1 && !clipped(el)).slice(0, 3);
    return `${document.documentElement.scrollWidth} of ${room} px: ${widest.map((el) => `<${el.tagName.toLowerCase()} class="${el.className}">`).join(", ")}`;
  });
  if (over) wrong.push(`scrolls sideways, ${over}`);
  await page.evaluate(AXE);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const v of found.violations) {
    if (v.impact !== "serious" && v.impact !== "critical") continue;
    wrong.push(`axe ${v.impact} ${v.id}: ${v.help} (${v.nodes.length}): ${v.nodes.slice(0, 2).map((n) => `${n.target} ${n.any[0]?.message ?? ""}`).join(" | ")}`);
  }
  return wrong;
}

/** Prints what is wrong and returns how many visits were. */
export function report(results) {
  const bad = results.filter((r) => r.wrong.length);
  for (const r of bad) { console.log(`✗ ${r.name}`); for (const w of r.wrong) console.log(`    ${w}`); }
  console.log(`${results.length - bad.length} of ${results.length} visits without a finding`);
  return bad.length;
}
