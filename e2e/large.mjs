// Opens every list of a server with many devices and says how long it took and what it weighed:
//   BASE_URL=https://localhost:8443 ACCOUNT=admin PASSWORD=… DEVICES=100000 LIMIT_MS=500 node large.mjs
// Time is from the request to the last byte, the middle of five; weight is what came over the wire, compressed.
// Prints a line of JSON for each page; a page over LIMIT_MS or over 150 KiB makes the exit code 1.
import { context, launch, listen } from "./browser.mjs";

const { BASE_URL: base, ACCOUNT, PASSWORD, SHOTS } = process.env;
const devices = Number(process.env.DEVICES || 100_000), limit = Number(process.env.LIMIT_MS || 500);
const KIB = 150;
const grid = "/dashboard/devices";
const PAGES = [
  ["dashboard", "/dashboard"],
  ["devices", grid],
  ["devices by name", `${grid}?sort=name&size=100`],
  ["devices, one filter", `${grid}?status=restricted`],
  ["devices, by what is wrong", `${grid}?finding=os_below_minimum&sort=-user`],
  ["devices, searched", `${grid}?q=phone+${devices - 1}`],
  ["devices, nobody found", `${grid}?q=nobody-is-called-so`],
  ["devices, last page", `${grid}?sort=name&after=${devices - 50}`],
  ["devices, every fact sorted by one", `${grid}?sort=-model&cols=name,user,posture,platform,suite,liability,email,macs,guid,last_contact`],
  ["users", "/dashboard/users"],
  ["users, searched", "/dashboard/users?q=owner9"],
  ["policy suites", "/dashboard/policy-suites"],
  ["policy suite", "/dashboard/policy-suites", "a.open"],
  ["policy suite, review", "/dashboard/policy-suites", "a.open", "/publish"],
  ["access restrictions", "/dashboard/access-restrictions"],
  ["platform restrictions", "/dashboard/platform-restrictions"],
  ["journal", "/dashboard/journal"],
  ["journal of devices", "/dashboard/journal?event=device."],
  ["journal of nobody", "/dashboard/journal?actor=nobody"],
  ["journal before time", "/dashboard/journal?until=2001-01-01"],
  ["ActiveSync servers", "/dashboard/activesync-servers"],
  ["Cisco ISE", "/dashboard/cisco-ise"],
  ["approvals", "/dashboard/approvals"],
  ["search", "/dashboard/search?q=phone+99"],
  ["device", `${grid}?q=phone+77`, ".grid .open"],
  ["user", "/dashboard/users", ".grid .open"],
];

const browser = await launch();
const ctx = await context(browser, "wide", "light", { ignoreHTTPSErrors: true });
const page = await ctx.newPage(), heard = listen(page);
await page.goto(`${base}/dashboard/sign-in`);
await page.fill("input[name=account]", ACCOUNT);
await page.fill("input[name=password]", PASSWORD);
await Promise.all([page.waitForURL((url) => !url.pathname.endsWith("/sign-in")), page.click("form .btn.pri")]);

if (page.url().endsWith("/account/password")) {
  // An account that somebody else made: it asks for a password of its own first.
  for (const [field, value] of [["old_password", PASSWORD], ["password", `${PASSWORD}, mine`], ["again", `${PASSWORD}, mine`]]) await page.fill(`input[name=${field}]`, value);
  await Promise.all([page.waitForURL(`${base}/dashboard`), page.click("#password-form .btn.pri")]);
}
heard.length = 0;

let bad = 0;
for (const [name, path, follow, tail = ""] of PAGES) {
  let url = base + path;
  if (follow) {
    await page.goto(url);
    url = new URL(await page.locator(follow).first().getAttribute("href"), base).href + tail;
  }
  const times = [];
  let seen;
  for (let round = 0; round < 5; round++) {
    const answer = await page.goto(url, { waitUntil: "load" });
    seen = await page.evaluate(() => {
      const nav = performance.getEntriesByType("navigation")[0];
      return { ms: nav.responseEnd - nav.requestStart, bytes: nav.transferSize, nodes: document.querySelectorAll("*").length };
    });
    if (answer.status() !== 200) heard.push(`answered ${answer.status()}`);
    times.push(seen.ms);
  }
  const ms = Math.round(times.sort((a, b) => a - b)[2]), kib = Math.round(seen.bytes / 102.4) / 10;
  const wrong = heard.splice(0);
  if (ms > limit) wrong.push(`longer than ${limit} ms`);
  if (kib > KIB) wrong.push(`heavier than ${KIB} KiB`);
  bad += wrong.length ? 1 : 0;
  console.log(JSON.stringify({ page: name, ms, kib, elements: seen.nodes, wrong }));
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name.replaceAll(/[^a-z]+/gi, "-").toLowerCase()}.png` });
}
await browser.close();
process.exit(bad ? 1 : 0);
