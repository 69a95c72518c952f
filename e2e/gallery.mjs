// Looks at the gallery of parts, without a server of ours:
//   cargo run -p console --example gallery -- /tmp/gallery && node gallery.mjs /tmp/gallery /tmp/shots [NAME…]
// It is served with the policy under which the console runs, so anything inline is an error here as well.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { SCHEMES, SIZES, context, inspect, launch, listen, report } from "./browser.mjs";

const [folder, shots, ...only] = process.argv.slice(2);
if (!folder || !shots) { console.error("usage: node gallery.mjs GALLERY SCREENSHOTS [NAME…]"); process.exit(2); }
const TYPES = { ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const server = createServer((req, res) => {
  const path = normalize(new URL(req.url, "http://x").pathname);
  try {
    const body = readFileSync(join(folder, path));
    res.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain", "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" });
    res.end(body);
  } catch { res.writeHead(404).end(); }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}`;
const { now, names: all } = JSON.parse(readFileSync(join(folder, "pages.json"), "utf8"));
const wanted = (name) => !only.length || only.includes(name);

// A filter changes the grid in place: the address says so, the menu stays open, focus stays, Back undoes it.
async function swapped(p) {
  const must = (held, what) => { if (!held) throw new Error(`after a swap ${what}`); };
  await p.route("**/dashboard/devices?**", (r) => r.fulfill({ path: join(folder, "devices-filtered.html"), contentType: "text/html" }));
  await p.click("[popovertarget=grid-status]");
  await p.check("#grid-status-2");
  await p.waitForSelector(".applied");
  must(p.url().endsWith("/dashboard/devices?status=restricted"), `the address is ${p.url()}`);
  must(await p.locator("#grid-status:popover-open").count() === 1, "the menu is closed");
  must(await p.evaluate(() => document.activeElement.id) === "grid-status-2", "focus is lost");
  await p.goBack();
  await p.waitForFunction(() => !document.querySelector(".applied"));
  must(p.url().endsWith("/devices.html"), "Back leads elsewhere");
}

// What a page looks like after someone did something; `sizes` where it exists on one size only.
const ACTS = [
  { page: "device", name: "device-why", act: (p) => p.click("button.chip") },
  { page: "device", name: "device-menu", act: (p) => p.click("[popovertarget=more]") },
  { page: "device", name: "device-wipe-dialog", act: async (p) => { await p.click("[popovertarget=more]"); await p.click("[data-dialog=wipe]"); await p.waitForSelector("dialog[open]"); } },
  { page: "devices", name: "devices-peek", act: async (p) => { await p.route("**/why", (r) => r.fulfill({ path: join(folder, "why.html"), contentType: "text/html" })); await p.click("a.chip.bad >> nth=0"); await p.waitForSelector("#peek"); } },
  { page: "devices", name: "devices-filter", act: (p) => p.click("[popovertarget=grid-status]") },
  { page: "devices", name: "devices-columns", act: (p) => p.click("[popovertarget=grid-cols]") },
  { page: "devices", name: "devices-picked", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".pick >> nth=4", { modifiers: ["Shift"] }); } },
  { page: "devices", name: "devices-all-picked", sizes: ["wide"], act: async (p) => { await p.click(".pick-all"); await p.keyboard.press("j"); } },
  { page: "devices", name: "devices-swapped", sizes: ["wide"], act: swapped },
  { page: "dashboard", name: "find", act: async (p) => { await p.route("**/dashboard/search?q=**", (r) => r.fulfill({ path: join(folder, "search.html"), contentType: "text/html" })); await p.keyboard.press("Control+k"); await p.keyboard.type("brandt"); await p.waitForSelector(".find .hit-row small"); } },
  { page: "dashboard", name: "organizations", act: (p) => p.click("[popovertarget=orgs]") },
  { page: "dashboard", name: "me", act: (p) => p.click("[popovertarget=me]") },
  { page: "dashboard", name: "table", act: (p) => p.click("summary") },
  { page: "dashboard", name: "drawer", sizes: ["phone"], act: (p) => p.click("[popovertarget=rail]") },
];

const browser = await launch(), results = [];
for (const size of Object.keys(SIZES)) for (const scheme of SCHEMES) {
  const ctx = await context(browser, size, scheme, { bypassCSP: false });
  const page = await ctx.newPage(), heard = listen(page);
  await page.clock.setFixedTime(now);
  for (const { page: file, name, act, sizes } of [...all.map((n) => ({ page: n, name: n })), ...ACTS]) {
    if (!wanted(name) || (sizes && !sizes.includes(size))) continue;
    await page.goto(`${base}/${file}.html`, { waitUntil: "load" });
    const wrong = [];
    await act?.(page).catch((e) => wrong.push(`could not act: ${e.message.split("\n")[0]}`));
    wrong.push(...await inspect(page, { folder: shots, name: `${name}-${size}-${scheme}`, heard, fullPage: !act }));
    results.push({ name: `${name} ${size} ${scheme}`, wrong });
  }
  await ctx.close();
}
await browser.close();
server.close();
process.exit(report(results) ? 1 : 0);
