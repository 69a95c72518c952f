// A passkey, for real: a virtual authenticator of Chromium registers one and signs in with it, alone and as second
// factor. It happens under the name localhost, since passkeys belong to names, with an account of its own, so that
// nobody else is asked for a second factor.
const PASSWORD = "correct horse battery staple";

async function press(p, selector, until) {
  await Promise.all([p.waitForURL(until), p.click(selector)]);
}
const signedIn = (url) => !url.pathname.includes("/sign-in");

export async function passkey(p) {
  const name = `passkey.${Date.now() % 1e8}`;
  await p.fill("[name=username]", name);
  await p.check("[name=role][value=read_only]");
  await p.fill("[name=password]", PASSWORD);
  await p.click("main form .btn.pri");
  await p.waitForSelector("text=The administrator was added.");

  const cdp = await p.context().newCDPSession(p);
  await cdp.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", { options });
  const home = new URL(p.url());
  home.hostname = "localhost";
  const at = (path) => new URL(path, home).href;

  await p.goto(at("/dashboard/sign-in"));
  await p.fill("[name=account]", name);
  await p.fill("[name=password]", PASSWORD);
  await press(p, "#sign-in-form .btn.pri", signedIn);
  await p.goto(at("/dashboard/account/second-factor/passkeys/add"));
  await p.fill("[name=password]", PASSWORD);
  await p.click("#passkey-begin-form .btn.pri");
  await p.waitForSelector("#passkey-make-form");
  await p.fill("[name=name]", "This notebook");
  await p.click("#passkey-make-form .btn.pri");
  await p.waitForSelector("#recovery-codes");

  // Alone: neither name nor password.
  await p.context().clearCookies({ name: "__Host-notifymdm", domain: "localhost" });
  await p.goto(at("/dashboard/sign-in"));
  await press(p, "#passkey-form button", signedIn);
  // After the password, instead of a code.
  await p.context().clearCookies({ name: "__Host-notifymdm", domain: "localhost" });
  await p.goto(at("/dashboard/sign-in"));
  await p.fill("[name=account]", name);
  await p.fill("[name=password]", PASSWORD);
  await p.click("#sign-in-form .btn.pri");
  await p.waitForSelector("#code-form .use-passkey");
  await press(p, "#code-form .use-passkey", signedIn);
  await p.goto(at("/dashboard/account"));
  await p.waitForSelector("text=This notebook");
  await cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
}
