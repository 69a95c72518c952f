// Visits every page of a running demo server, as every role, wide and on a phone, light and dark:
//   DEMO=data/demo.json SHOTS=/tmp/shots node run.mjs [NAME…]
// DEMO    the file that `serve --demo` writes; it names the address, the root certificate and the accounts
// SIZE, SCHEME, ROLE narrow the visits (comma-separated), for a quick look.
// BASE_URL overrides the address; SHOTS is where the screenshots go.
// A visit fails on another status than expected, console errors, failed requests, sideways scrolling, and
// what axe finds serious or critical. The certificate is checked once against the exported root.
import { readFileSync } from "node:fs";
import https from "node:https";
import { dirname, resolve } from "node:path";
import { SCHEMES, SIZES, context, inspect, launch, listen, report } from "./browser.mjs";
import { PAGES, SIGNED_OUT, USER_PAGES } from "./pages.mjs";

const file = process.env.DEMO;
if (!file) { console.error("DEMO must name the demo.json of a running `serve --demo`"); process.exit(2); }
const demo = JSON.parse(readFileSync(file, "utf8"));
const base = process.env.BASE_URL || demo.base_url;
const shots = process.env.SHOTS || "shots";
const only = process.argv.slice(2);
const wanted = ({ name }) => !only.length || only.includes(name);
const among = (name, value) => !process.env[name] || process.env[name].split(",").includes(value);

function answers() {
  const ca = readFileSync(resolve(dirname(file), demo.ca_pem));
  return new Promise((done, fail) => https.get(`${base}/dashboard/sign-in`, { ca }, (res) => { res.resume(); done(res.statusCode); }).on("error", fail));
}

/** One account for each role of the first organization, and the system administrator. */
function accounts() {
  const found = new Map([["system", demo.system_admin]]);
  for (const admin of demo.organizations[0].admins) if (admin.role && !found.has(admin.role)) found.set(admin.role, admin);
  return found;
}

async function signIn(page, { username, password }) {
  await page.goto(`${base}/dashboard/sign-in`);
  await page.fill("input[name=account]", username);
  await page.fill("input[name=password]", password);
  await Promise.all([page.waitForURL((url) => !url.pathname.endsWith("/sign-in")), page.click("form .btn.pri")]);
}

/** Somebody whose phone is there, on the pages of users. */
function employee() {
  const { users, devices } = demo.organizations[0];
  const phone = devices.find((d) => d.simulated && users.some((u) => u.username === d.user));
  return users.find((u) => u.username === phone?.user);
}

async function signInUser(page, { email, password }) {
  await page.goto(`${base}/portal/sign-in`);
  await page.fill("#name", email);
  await page.fill("#password", password);
  await Promise.all([page.waitForURL((url) => !url.pathname.endsWith("/sign-in")), page.click("form .btn.pri")]);
}

async function visit(page, entry, role) {
  const wrong = [];
  try {
    let answer = await page.goto(base + (entry.path ?? entry.from), { waitUntil: "load" });
    if (entry.follow) {
      const href = await page.locator(entry.follow).first().getAttribute("href", { timeout: 5000 });
      answer = await page.goto(new URL(href, page.url()).href + (entry.tail ?? ""), { waitUntil: "load" });
    }
    const due = typeof entry.status === "object" ? (entry.status[role] ?? entry.status.default ?? 200) : (entry.status ?? 200);
    if (answer.status() !== due) wrong.push(`answered ${answer.status()}, not ${due}`);
    if (entry.act) {
      await entry.act(page);
      // What was pressed may lead on to another page: that one is looked at, once it stands.
      await page.waitForLoadState("networkidle");
    }
  } catch (e) { wrong.push(`could not be visited: ${e.message.split("\n")[0]}`); }
  return wrong;
}

const status = await answers();
if (status !== 200) { console.error(`the sign-in page answered ${status}`); process.exit(1); }
const browser = await launch(), results = [];
const slug = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
// Roles that see a part of what another sees are looked at wide and light only, unless ROLE names them.
const PARTIAL = ["help_desk", "read_only"];

/** One role at one size and scheme: a browser context of its own. */
async function tour({ size, scheme, role, account, entries, enter = signIn, locale }) {
  // The chain was checked above; Chromium has its own store and is told not to mind.
  const ctx = await context(browser, size, scheme, { ignoreHTTPSErrors: true, ...(locale && { locale }) });
  const page = await ctx.newPage(), heard = listen(page);
  if (account) await enter(page, account);
  heard.length = 0;
  for (const entry of entries) {
    const wrong = await visit(page, entry, role);
    // A page or a form that is refused on purpose makes the browser say so in its console.
    const meant = (h) => (entry.status && /status of 40[34]/.test(h)) || (entry.refused && /status of (401|422)/.test(h));
    // A worker is fetched with the browser's own store of roots, whatever the context was told.
    const worker = (h) => /SSL certificate error occurred when fetching the script/.test(h);
    const said = heard.splice(0).filter((h) => !meant(h) && !worker(h));
    heard.push(...said);
    const name = `${entry.name}-${slug(role)}-${size}-${scheme}`;
    // A page that goes away under the look is a finding, and must not end the others' visits.
    wrong.push(...await inspect(page, { folder: shots, name, heard }).catch((e) => [`could not be looked at: ${e.message.split("\n")[0]}`]));
    results.push({ name, wrong });
  }
  await ctx.close();
}

const tours = [];
for (const size of Object.keys(SIZES)) for (const scheme of SCHEMES) for (const [role, account] of [["nobody", null], ...accounts()]) {
  if (!among("SIZE", size) || !among("SCHEME", scheme) || !among("ROLE", role)) continue;
  if (PARTIAL.includes(role) && !process.env.ROLE && (size !== "wide" || scheme !== "light")) continue;
  const entries = (account ? PAGES : SIGNED_OUT).filter(wanted).filter((e) => !e.roles || e.roles.includes(role));
  if (entries.length) tours.push({ size, scheme, role, account, entries });
}
// Users: their pages in both languages.
for (const size of Object.keys(SIZES)) for (const scheme of SCHEMES) for (const [role, locale] of [["employee", "en-GB"], ["employee-de", "de-DE"]]) {
  if (!among("SIZE", size) || !among("SCHEME", scheme) || !among("ROLE", role)) continue;
  for (const [account, list] of [[null, USER_PAGES.outside], [employee(), USER_PAGES.inside]]) {
    const entries = list.filter(wanted);
    if (entries.length) tours.push({ size, scheme, role, account, entries, enter: signInUser, locale });
  }
}
// Two at a time: while one waits for the server, the other draws.
const worker = async () => { for (let next; (next = tours.shift()); ) await tour(next); };
await Promise.all([worker(), worker()]);
await browser.close();
process.exit(report(results) ? 1 : 0);
