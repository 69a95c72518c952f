// The pages of the console. One entry each:
//   name    of the screenshot, unique
//   path    to visit; or `from` and `follow`: the page to start at, and the selector of the link to take there
//   tail    added to the followed address
//   status  expected answer; an object gives it by role, with `default` for the others (200 when left out)
//   act     what to do before looking, given the page (playwright)
//   roles   visit as these only: "system" or the name of a role
import { readFileSync } from "node:fs";
import { passkey } from "./passkey.mjs";

export const SIGNED_OUT = [
  { name: "sign-in", path: "/dashboard/sign-in" },
  { name: "sign-in-with", path: "/dashboard/sign-in/with" },
  { name: "sign-in-with-nobody", path: "/dashboard/sign-in/with?zone=nobody-is-called-so" },
  { name: "not-found", path: "/dashboard/no-such-page", status: 404 },
];

// A system administrator is outside every organization here: pages of one organization do not exist for them.
const inside = { system: 404, default: 200 };
const only = (roles, list) => list.map((entry) => ({ ...entry, roles }));
const device = { from: "/dashboard/devices?sort=name", follow: ".grid .open" };
const suite = { from: "/dashboard/policy-suites", follow: "a.open" };
const group = { from: "/dashboard/groups", follow: "a.open" };
const schedule = { from: "/dashboard/connection-schedules", follow: "a.open" };
const corporate = (day) => `#corporate-peak-${day}`;
/** What a day's field must hold now. */
async function holds(page, day, expected) {
  const found = await page.inputValue(corporate(day));
  if (found !== expected) throw new Error(`${day} holds "${found}", not "${expected}"`);
}
/** Draws on the bars of the corporate week: from a share of one day to a share of another. */
async function draw(page, [from, start], [to, end]) {
  const [first, last] = [from, to].map((day) => page.locator(`.day:has(${corporate(day)}) .bar`));
  await last.scrollIntoViewIfNeeded();
  await first.scrollIntoViewIfNeeded();
  const a = await first.boundingBox(), b = await last.boundingBox();
  await page.mouse.move(a.x + a.width * start, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width * (start + end) / 2, a.y + a.height / 2, { steps: 4 });
  await page.mouse.move(b.x + b.width * end - 1, b.y + b.height / 2, { steps: 4 });
  await page.mouse.up();
}
/** Dragging draws over several days, and erases where it begins on peak time. */
async function dragging(page) {
  await draw(page, ["saturday", 0.255], ["sunday", 0.5]);
  await holds(page, "saturday", "06:00-12:00");
  await holds(page, "sunday", "06:00-12:00");
  await draw(page, ["sunday", 0.265], ["sunday", 0.375]);
  await holds(page, "sunday", "06:00-06:15, 09:00-12:00");
}
/** The same by keys alone, and by typing, which the bar follows. */
async function typing(page) {
  const bar = page.locator(`.day:has(${corporate("saturday")}) .bar`);
  await bar.focus();
  for (const key of ["Home", "ArrowRight", "Space", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
  await holds(page, "saturday", "00:30-02:00");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await holds(page, "sunday", "01:30-02:00");
  await page.fill(corporate("sunday"), "22:00-06:00");
  const drawn = await page.locator(`.day:has(${corporate("monday")}) .bar rect.peak`).first().getAttribute("x");
  if (drawn !== "0") throw new Error(`Monday begins at ${drawn}, not with the end of Sunday night`);
  await page.locator(`.day:has(${corporate("sunday")}) .bar`).focus();
}
/** Ranges that overlap are refused beside their field. */
async function overlapping(page) {
  await page.fill(corporate("monday"), "08:00-12:00, 11:00-13:00");
  await Promise.all([page.waitForLoadState("load"), page.click(".savebar .btn.pri")]);
  await page.waitForSelector("#corporate-peak-monday-err");
}
/** The offer of a second factor: the QR code and the secret for typing. What is offered asks nobody for anything. */
async function offer(page) {
  const account = JSON.parse(readFileSync(process.env.DEMO, "utf8")).organizations[0].admins.find((a) => a.role === "full");
  await page.fill("[name=password]", account.password);
  await Promise.all([page.waitForLoadState("load"), page.click("#factor-form button")]);
  await page.waitForSelector("main svg.qr, main .qr");
}
/// Adds an LDAP server that is never reached, and ends on its page.
async function addDirectory(page) {
  const entries = {
    name: `Staff ${Date.now()}`, host: "ldap.example.com", bind_dn: "cn=reader,dc=example,dc=com",
    password: "a reader's password", bases: "dc=example,dc=com",
  };
  for (const [name, value] of Object.entries(entries)) await page.fill(`#ldap-form [name=${name}]`, value);
  await Promise.all([page.waitForURL(/ldap-servers\/dir_/), page.click("#ldap-form .btn.pri")]);
}
/// Adds an identity provider that is never reached, and ends on its page, where what it must know stands.
async function addProvider(page) {
  const number = Date.now() % 1e8;
  const entries = {
    name: `Staff ${number}`, zone: `staff-${number}`, issuer: "https://id.example.com/realms/staff", client_id: "notifymdm",
    client_secret: "a client's secret", rules: "groups = mdm-admins -> full\ngroups = mdm-desk -> help_desk",
  };
  for (const [name, value] of Object.entries(entries)) await page.fill(`#provider-form [name=${name}]`, value);
  await Promise.all([page.waitForURL(/identity-providers\/idp_/), page.click("#provider-form .btn.pri")]);
}
const server = { from: "/dashboard/activesync-servers", follow: "a.open" };

export const PAGES = [
  { name: "dashboard", path: "/dashboard" },
  { name: "devices", path: "/dashboard/devices", status: inside },
  { name: "search", path: "/dashboard/search?q=a" },
  { name: "policy-suites", path: "/dashboard/policy-suites", status: inside },
  { name: "groups", path: "/dashboard/groups", status: inside },
  { name: "connection-schedules", path: "/dashboard/connection-schedules", status: inside },
  { name: "access-restrictions", path: "/dashboard/access-restrictions", status: inside },
  { name: "platform-restrictions", path: "/dashboard/platform-restrictions", status: inside },
  { name: "exceptions", path: "/dashboard/exceptions", status: inside },
  { name: "activesync-servers", path: "/dashboard/activesync-servers", status: inside },
  { name: "reports", path: "/dashboard/reports", status: inside },
  ...["users_and_devices", "not_connected", "platforms_and_models", "compliance_now", "compliance_over_time", "restricted_devices", "policy_state", "stale_and_duplicate"].map((key) =>
    ({ name: `report-${key}`, path: `/dashboard/reports/${key}`, status: inside })),
  ...["enrolment", "wipes_and_locks", "administrator_activity"].map((key) =>
    ({ name: `report-${key}`, path: `/dashboard/reports/${key}`, status: { system: 404, help_desk: 403, default: 200 } })),
  { name: "getting-started", path: "/dashboard/getting-started", status: inside },
  { name: "firewall-and-ports", path: "/dashboard/firewall-and-ports", status: inside },
  { name: "organization", path: "/dashboard/organization", status: inside },
  { name: "cisco-ise", path: "/dashboard/cisco-ise", status: inside },
  { name: "restriction-notifications", path: "/dashboard/restriction-notifications", status: inside },
  { name: "watch-list", path: "/dashboard/watch-list", status: inside },
  { name: "alerts", path: "/dashboard/alerts" },
  { name: "alert-settings", path: "/dashboard/alert-settings" },
  { name: "smtp-server", path: "/dashboard/smtp-server", status: inside },
  { name: "task-scheduler", path: "/dashboard/task-scheduler" },
  { name: "webhooks", path: "/dashboard/webhooks", status: inside },
  { name: "identity-providers", path: "/dashboard/identity-providers", status: { help_desk: 403, default: 200 } },
  { name: "identity-account", path: "/dashboard/account/identity" },
  { name: "ldap-servers", path: "/dashboard/ldap-servers", status: inside },
  { name: "approvals", path: "/dashboard/approvals", status: inside },
  { name: "administrators", path: "/dashboard/administrators", status: { help_desk: 403, default: 200 } },
  { name: "roles", path: "/dashboard/roles", status: { system: 404, help_desk: 403, default: 200 } },
  { name: "journal", path: "/dashboard/journal", status: { help_desk: 403, default: 200 } },
  { name: "organizations", path: "/dashboard/organizations", status: { system: 200, default: 403 } },
  { name: "account", path: "/dashboard/account" },
  ...only(["system"], [
    { name: "organizations-add", path: "/dashboard/organizations/add" },
    { name: "installation-alert-kind", path: "/dashboard/alert-settings/kind?kind=installation.job_failed" },
    { name: "installation-smtp-server", path: "/dashboard/organizations/smtp-server" },
  ]),
  ...only(["full", "help_desk"], [
    { name: "device", ...device },
    { name: "device-commands", ...device, tail: "?tab=commands" },
    { name: "device-exchanges", ...device, tail: "?tab=exchanges" },
  ]),
  ...only(["full"], [
    { name: "second-factor", path: "/dashboard/account/second-factor" },
    { name: "second-factor-wrong", refused: true, path: "/dashboard/account/second-factor", act: async (p) => { await p.fill("[name=password]", "not my password"); await p.click("#factor-form button"); await p.waitForSelector("#factor-form [aria-invalid=true]"); } },
    { name: "second-factor-offer", path: "/dashboard/account/second-factor", act: offer },
    { name: "approvals-change", from: "/dashboard/approvals", follow: "main a.open[href*='/approvals/hld_']" },
    { name: "approvals-change-devices", path: "/dashboard/approvals", act: async (p) => { await p.click("main a.open:has-text('Change access restrictions')"); await p.waitForSelector("text=Devices that would lose something"); } },
    { name: "approvals-untouched", refused: true, path: "/dashboard/approvals", act: async (p) => { await Promise.all([p.waitForLoadState("load"), p.click("#approvals button[value=approve]")]); await p.waitForSelector("text=Nothing was decided"); } },
    { name: "approvals-outside", path: "/dashboard/approvals/outside-approver" },
    { name: "approvals-limit", path: "/dashboard/approvals/limit" },
    { name: "approvals-recovery-code", path: "/dashboard/approvals/recovery-code" },
    { name: "identity-provider-add", path: "/dashboard/identity-providers/add" },
    { name: "identity-provider-add-wrong", refused: true, path: "/dashboard/identity-providers/add", act: async (p) => { await p.evaluate(() => { document.querySelector("#provider-form").noValidate = true; }); await p.click("#provider-form .btn.pri"); await p.waitForSelector("#provider-form [aria-invalid=true]"); } },
    { name: "identity-provider", path: "/dashboard/identity-providers/add", act: addProvider },
    { name: "ldap-add", path: "/dashboard/ldap-servers/add" },
    { name: "ldap-add-wrong", refused: true, path: "/dashboard/ldap-servers/add", act: async (p) => { await p.evaluate(() => { document.querySelector("#ldap-form").noValidate = true; }); await p.click("#ldap-form .btn.pri"); await p.waitForSelector("#ldap-form [aria-invalid=true]"); } },
    { name: "ldap-server", path: "/dashboard/ldap-servers/add", act: addDirectory },
    { name: "ldap-administrators", from: "/dashboard/ldap-servers", follow: "main a.open[href*='/ldap-servers/dir_']", tail: "/administrators" },
    { name: "radius-add", path: "/dashboard/cisco-ise/radius/add" },
    { name: "devices-restricted", path: "/dashboard/devices?status=restricted" },
    { name: "devices-nothing", path: "/dashboard/devices?q=nobody-is-called-so" },
    { name: "devices-menu", path: "/dashboard/devices", act: (p) => p.click("[popovertarget=grid-status]") },
    { name: "devices-peek", path: "/dashboard/devices", act: async (p) => { await p.click("a.chip >> nth=0"); await p.waitForSelector("#peek"); } },
    { name: "devices-picked", path: "/dashboard/devices", act: (p) => p.click(".pick >> nth=1") },
    { name: "views", path: "/dashboard/views" },
    { name: "view-add", path: "/dashboard/views/add?status=restricted&sort=-user&cols=name,user,macs" },
    { name: "device-add", path: "/dashboard/devices/add" },
    { name: "device-policy", ...device, tail: "?tab=policy" },
    { name: "device-facts", ...device, tail: "?tab=facts" },
    { name: "device-timeline", ...device, tail: "?tab=timeline" },
    { name: "device-verdicts", ...device, tail: "/verdicts" },
    { name: "device-verdicts-then", ...device, tail: "/verdicts", act: async (p) => { await p.click("main tbody a.open >> nth=0"); await p.waitForSelector("text=What held then"); } },
    { name: "device-verdicts-asked", ...device, tail: "/verdicts", act: async (p) => { await p.fill("[name=at]", "2020-02-29T14:03"); await p.click("form[role=search] .btn.pri"); await p.waitForSelector("text=Nothing is kept of that moment"); } },
    { name: "device-blocked", from: "/dashboard/devices?status=blocked", follow: ".grid .open" },
    { name: "device-edit", ...device, tail: "/edit" },
    { name: "device-join", ...device, tail: "/join" },
    { name: "device-wipe", ...device, tail: "/order/full_wipe" },
    { name: "device-wipe-dialog", ...device, act: async (p) => { await p.click("[popovertarget=more]"); await p.click("[data-dialog=full_wipe]"); await p.waitForSelector("dialog[open]"); } },
    { name: "users", path: "/dashboard/users" },
    { name: "user", from: "/dashboard/users", follow: ".grid .open" },
    { name: "user-edit", from: "/dashboard/users", follow: ".grid .open", tail: "/edit" },
    { name: "user-edit-review", from: "/dashboard/users", follow: ".grid .open", tail: "/edit", act: async (p) => { await p.uncheck("[name=state]", { force: true }); await p.click("#user-form .btn.pri"); await p.waitForSelector("#review"); } },
    { name: "letters", path: "/dashboard/letters" },
    { name: "letter-edit", path: "/dashboard/letters/edit?letter=welcome&language=de" },
    { name: "letter-edit-live", path: "/dashboard/letters/edit?letter=welcome&language=en", act: async (p) => { await p.fill("[name=body]", "# Hello **{user.first_name}**\n\n{enrolment.qr}\n\n<b>raw</b>"); await p.waitForSelector("#preview .sheet h1 strong"); } },
    { name: "letter-edit-wrong", path: "/dashboard/letters/edit?letter=welcome&language=en", refused: true, act: async (p) => { await p.fill("[name=body]", "{nobody}"); await p.click("#letter-form .btn.pri"); await p.waitForSelector(".summary-err"); } },
    { name: "mailings", path: "/dashboard/mailings" },
    { name: "mailing-compose", path: "/dashboard/mailings/compose" },
    { name: "mailing-look", path: "/dashboard/mailings/compose", act: async (p) => { await p.fill("[name=subject]", "Lunch"); await p.fill("[name=body]", "Hello **{user.first_name}**"); await p.click("#mailing-form .btn.pri"); await p.waitForSelector("text=Not sent yet"); } },
    { name: "users-filtered", path: "/dashboard/users?devices=some&state=active&sort=-devices&cols=name,email,devices,source,created_at" },
    { name: "users-nobody", path: "/dashboard/users?source=provisioned&q=nobody-is-called-so" },
    { name: "view-add-users", path: "/dashboard/views/add?list=users&devices=none&sort=email&cols=name,email" },
    { name: "users-welcome", path: "/dashboard/users", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".bulk [value=welcome]"); await p.waitForSelector("text=Not sent yet"); } },
    { name: "user-code", from: "/dashboard/users", follow: ".grid .open", tail: "/enrollment-code" },
    { name: "user-code-made", from: "/dashboard/users", follow: ".grid .open", tail: "/enrollment-code", act: async (p) => { await p.fill("[name=pin]", "4711"); await p.click("#code-form .btn.pri"); await p.waitForSelector("text=Hand it over now"); } },
    { name: "user-remove", from: "/dashboard/users", follow: ".grid .open", tail: "/remove" },
    { name: "user-add", path: "/dashboard/users/add" },
    { name: "users-change", path: "/dashboard/users", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".bulk [value=change]"); await p.waitForSelector("#bulk-form"); } },
    { name: "users-remove", path: "/dashboard/users", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".bulk [value=remove]"); await p.waitForSelector("text=Their mailboxes"); } },
    { name: "users-import", path: "/dashboard/users/import" },
    { name: "users-import-wrong", path: "/dashboard/users/import", refused: true, act: async (p) => { await p.setInputFiles("[name=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("usrname;emial\nbob;x\n") }); await p.click("#import-form .btn.pri"); await p.waitForSelector(".summary-err"); } },
    { name: "users-import-checked", path: "/dashboard/users/import", act: async (p) => { await p.setInputFiles("[name=file]", { name: "people.csv", mimeType: "text/csv", buffer: Buffer.from("username;first name;last name;groups;policy suite\nnew.bob;Bob;=cmd|' /C calc'!A0;;\nnew.carla;Carla;Muster;Salse;\nNEW.BOB;;;;\n") }); await p.click("#import-form .btn.pri"); await p.waitForSelector("text=cannot be imported"); } },
    { name: "users-import-done", path: "/dashboard/users/import", act: async (p) => { await p.setInputFiles("[name=file]", { name: "one.csv", mimeType: "text/csv", buffer: Buffer.from("username\nimported.bob\n") }); await p.click("#import-form .btn.pri"); await p.click("text=Import 1 row"); await p.waitForSelector("text=See what it did"); } },
    { name: "custom-columns-none", path: "/dashboard/custom-columns" },
    { name: "custom-column-add", path: "/dashboard/custom-columns/add" },
    { name: "custom-columns", path: "/dashboard/custom-columns/add", act: async (p) => { await p.fill("[name=name]", `Cost centre ${Date.now() % 1e7}`); await p.fill("[name=help]", "Four digits"); await p.selectOption("[name=kind]", "number"); await p.click("#column-form .btn.pri"); await p.waitForSelector("main table"); } },
    { name: "custom-column-edit", from: "/dashboard/custom-columns", follow: "main tbody a.open" },
    { name: "custom-column-remove", from: "/dashboard/custom-columns", follow: "main tbody a.btn" },
    { name: "set-up", path: "/dashboard/set-up" },
    { name: "set-up-step", path: "/dashboard/set-up", act: async (p) => { await p.click("main tbody tr:nth-child(4) button"); await p.waitForSelector(".steps"); } },
    { name: "set-up-next", path: "/dashboard/set-up", act: async (p) => { await p.click("main tbody tr:nth-child(1) button"); await p.waitForSelector(".steps"); await p.click("form[action='/dashboard/set-up/pass'] button"); await p.waitForLoadState(); await p.waitForSelector("form[action='/dashboard/set-up/leave'] button"); await p.click("form[action='/dashboard/set-up/leave'] button"); await p.waitForSelector("main table"); } },
    { name: "terms-none", path: "/dashboard/terms" },
    { name: "terms-draft", path: "/dashboard/terms/draft", act: async (p) => { const one = await p.$("[name='text.en']"); if (!one) { await p.fill("[name=new_language]", "en"); await p.fill("[name=new_text]", "Keep the screen locked.\n\nTell us at once when the phone is lost."); } await p.click("#terms-form .btn.pri"); await p.waitForSelector("#publish-form"); } },
    { name: "terms", path: "/dashboard/terms/draft/publish", act: async (p) => { if (await p.$("#publish-form")) { await p.click("#publish-form .btn.pri"); await p.waitForSelector("main table"); } } },
    { name: "terms-version", from: "/dashboard/terms", follow: "main tbody a.open" },
    { name: "report-terms", path: "/dashboard/reports/terms_accepted" },
    { name: "user-custom", from: "/dashboard/users", follow: ".grid .open", tail: "/edit" },
    { name: "group", ...group },
    { name: "group-edit", ...group, tail: "/edit" },
    { name: "group-copy", ...group, tail: "/copy" },
    { name: "group-remove", ...group, tail: "/remove" },
    { name: "group-members", ...group, tail: "/members" },
    { name: "group-members-nobody", ...group, tail: "/members?q=nobody-is-called-so" },
    { name: "group-members-picked", ...group, tail: "/members", act: (p) => p.click(".pick >> nth=1") },
    { name: "group-add", path: "/dashboard/groups/add" },
    { name: "group-rule", ...group, act: async (p) => { await p.click("text=Members by rule"); await p.waitForSelector("form#rule"); await p.click("label:has-text(\"Whoever meets all conditions\")"); await p.selectOption("[name='field.0']", "user.email"); await p.selectOption("[name='is.0']", "contains"); await p.fill("[name='value.0']", "@"); await p.selectOption("[name='field.1']", "device.platform"); await p.selectOption("[name='is.1']", "is_one_of"); await p.fill("[name='value.1']", "ios; android"); await p.click("button:has-text(\"Who would be in it?\")"); await p.waitForSelector("text=Would join"); } },
    { name: "group-rule-wrong", ...group, refused: true, act: async (p) => { await p.click("text=Members by rule"); await p.waitForSelector("form#rule"); await p.click("label:has-text(\"A site\")"); await p.fill("[name=networks]", "the campus"); await p.click("form#rule button:has-text(\"Save\")"); await p.waitForSelector("text=is no network"); } },
    { name: "devices-assign", path: "/dashboard/devices", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".bulk [value=assign]"); await p.waitForSelector("#assign-form"); } },
    { name: "devices-assign-review", path: "/dashboard/devices", act: async (p) => { await p.click(".pick >> nth=1"); await p.click(".bulk [value=assign]"); await p.waitForSelector("#assign-form"); await p.selectOption("#join", { index: 1 }); await p.click("#assign-form .btn.pri"); await p.waitForSelector("#assign-review"); } },
    { name: "policy-suite", ...suite },
    { name: "policy-suite-publish", ...suite, tail: "/publish" },
    { name: "policy-suite-revisions", ...suite, tail: "/revisions" },
    { name: "policy-suite-delete", ...suite, tail: "/delete" },
    { name: "policy-suite-add", path: "/dashboard/policy-suites/add" },
    { name: "schedule", ...schedule },
    { name: "schedule-drawn", ...schedule, act: dragging },
    { name: "schedule-keys", ...schedule, act: typing },
    { name: "schedule-overlap", refused: true, ...schedule, act: overlapping },
    { name: "schedule-add", path: "/dashboard/connection-schedules/add" },
    { name: "schedule-copy", ...schedule, tail: "/copy" },
    { name: "schedule-delete", ...schedule, tail: "/delete" },
    { name: "devices-overdue", path: "/dashboard/devices?overdue=1&cols=name,user,posture,schedule,next_check_in,missed_check_ins" },
    { name: "access-rule", path: "/dashboard/access-restrictions/rules/os_below_minimum" },
    { name: "access-platform", path: "/dashboard/access-restrictions?level=platform.android" },
    { name: "access-review", path: "/dashboard/access-restrictions", act: async (p) => { await p.click("input[name='no_contact.0']"); await p.click(".savebar .btn.pri"); await p.waitForSelector("#review"); } },
    { name: "access-device", from: "/dashboard/devices?sort=name", follow: ".grid .open", act: async (p) => { await p.click(".card header .btn:has-text('Exceptions')"); await p.waitForSelector("#exception-form"); } },
    { name: "access-exception-add", path: "/dashboard/access-restrictions/exceptions/add" },
    { name: "notification-rule", path: "/dashboard/restriction-notifications/rule?rule=no_contact" },
    { name: "notification-refused", refused: true, path: "/dashboard/restriction-notifications/rule?rule=no_contact", act: async (p) => { await p.fill("#restricted", "Dear {name}"); await Promise.all([p.waitForLoadState("load"), p.click("#notification-form .btn.pri")]); await p.waitForSelector("#restricted-err"); } },
    { name: "alerts-all", path: "/dashboard/alerts?show=all" },
    { name: "alert-kind", path: "/dashboard/alert-settings/kind?kind=mail.server_failed" },
    { name: "alert-settings-refused", refused: true, path: "/dashboard/alert-settings", act: async (p) => { await p.fill("#quiet_from", "25:00"); await Promise.all([p.waitForLoadState("load"), p.click("#alert-settings-form .btn.pri")]); await p.waitForSelector("#quiet_from-err"); } },
    { name: "watch-add", from: "/dashboard/devices?sort=name", follow: ".grid .open", act: async (p) => { await p.click("[popovertarget=more]"); await p.click("a[href*='/watch-list/']"); await p.waitForSelector("#watch-form"); } },
    { name: "watch-list-filled", from: "/dashboard/devices?sort=name", follow: ".grid .open", act: async (p) => { await p.click("[popovertarget=more]"); await p.click("a[href*='/watch-list/']"); await p.waitForSelector("#watch-form"); await p.fill("#addresses", "desk@acme.test"); await p.click("#watch-form .btn.pri"); await p.waitForSelector("main a.open"); } },
    { name: "watch-refused", refused: true, from: "/dashboard/devices?sort=name", follow: ".grid .open", act: async (p) => { await p.click("[popovertarget=more]"); await p.click("a[href*='/watch-list/']"); await p.waitForSelector("#watch-form"); await p.fill("#addresses", "nobody"); await p.click("#watch-form .btn.pri"); await p.waitForSelector("#addresses-err"); } },
    { name: "webhook-add", path: "/dashboard/webhooks/add" },
    { name: "task-run", path: "/dashboard/task-scheduler", roles: ["full"], act: async (p) => { await Promise.all([p.waitForNavigation(), p.click("form[action$='/run/purge-tokens'] .btn")]); await p.waitForSelector(".toast"); } },
    { name: "report-by-mail-choose", path: "/dashboard/task-scheduler/reports/add" },
    { name: "report-by-mail-add", from: "/dashboard/reports/not_connected?days=9", follow: "a.btn[href*='/task-scheduler/']" },
    { name: "report-by-mail-refused", refused: true, path: "/dashboard/task-scheduler/reports/add?report=not_connected", act: async (p) => { await p.fill("#recipients", "boss@elsewhere.test"); await Promise.all([p.waitForLoadState("load"), p.click("#report-mail-form .btn.pri")]); await p.waitForSelector("#recipients-err"); } },
    { name: "activesync-server", ...server },
    { name: "activesync-server-add", path: "/dashboard/activesync-servers/add" },
    { name: "administrator", from: "/dashboard/administrators", follow: "a.open" },
    { name: "administrator-add", path: "/dashboard/administrators/add" },
    { name: "role-add", path: "/dashboard/roles/add" },
    { name: "journal-devices", path: "/dashboard/journal?event=device." },
    { name: "journal-narrow", path: "/dashboard/journal?event=device.&actor=system&from=2026-01-01&until=2099-12-31" },
    { name: "journal-nothing", path: "/dashboard/journal?until=2001-01-01" },
    { name: "journal-who", path: "/dashboard/journal", act: (p) => p.click("[popovertarget=grid-actor]") },
    { name: "journal-entry", from: "/dashboard/journal", follow: ".grid .open" },
    { name: "account-password", path: "/dashboard/account/password" },
    { name: "account-token", path: "/dashboard/account/tokens/add" },
    { name: "account-app", path: "/dashboard/account/second-factor" },
    { name: "account-passkey-add", path: "/dashboard/account/second-factor/passkeys/add" },
    { name: "account-passkey", path: "/dashboard/administrators/add", roles: ["full"], act: passkey },
    { name: "find", path: "/dashboard", act: async (p) => { await p.keyboard.press("Control+k"); await p.keyboard.type("phone"); await p.waitForTimeout(600); } },
  ]),
];

const own = { from: "/portal", follow: ".devices a" };
const opened = (part) => async (p) => { await p.click(`details:has(form[action$="/${part}"]) summary`); };
/** What the portal says to a wrong password, in the reader's words. */
async function wrongPassword(page) {
  await opened("erase")(page);
  await page.fill("#erase-password", "not the password");
  await Promise.all([page.waitForLoadState("load"), page.click("form[action$='/erase'] .btn")]);
  await page.waitForSelector(".note.bad");
}
/** The pages of users: as somebody who is not signed in, and as somebody whose phone is there. */
export const USER_PAGES = {
  outside: [
    { name: "portal-sign-in", path: "/portal/sign-in" },
    { name: "enroll", path: "/enroll" },
    { name: "portal-refused", path: "/portal/sign-in", refused: true, act: async (p) => { await p.fill("#name", `nobody${Math.random()}@acme.test`); await p.fill("#password", "not it"); await Promise.all([p.waitForLoadState("load"), p.click("form .btn.pri")]); await p.waitForSelector(".note.bad"); } },
    { name: "portal-nothing", path: "/portal/no-such-page", status: 404 },
  ],
  inside: [
    { name: "portal", path: "/portal" },
    { name: "portal-terms", path: "/portal/terms" },
    { name: "portal-terms-accepted", path: "/portal/terms", act: async (p) => { const accept = p.locator("form[action='/portal/terms'] .btn.pri"); if (await accept.count()) { await Promise.all([p.waitForURL("**/portal?done=terms"), accept.click()]); } } },
    { name: "portal-device", ...own },
    { name: "portal-device-lost", ...own, act: opened("lost") },
    { name: "portal-device-wrong", refused: true, ...own, act: wrongPassword },
    { name: "portal-diary", ...own, tail: "/diary" },
    { name: "portal-account", path: "/portal/account" },
    { name: "enroll-device", path: "/enroll/device" },
    { name: "enroll-android", path: "/enroll/device?platform=android" },
  ],
};
