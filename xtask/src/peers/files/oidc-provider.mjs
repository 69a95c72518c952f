// An identity provider on loopback. The file that it is given says the port, the clients and the people; each start signs
// with a new key. Its own development pages ask who somebody is, and believe every password.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Provider } from "oidc-provider";

const { port, clients, people } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
const account = (id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  jwks: { keys: [{ ...key, kid: randomUUID(), use: "sig", alg: "RS256" }] },
  cookies: { keys: [randomUUID()] },
  claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
  scopes: ["openid", "profile", "email", "groups"],
  features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
  // Its guard against internal addresses would keep it from calling us back: everything here is on loopback.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  findAccount: (_, id) => account(id),
});
for (const event of ["server_error", "backchannel.error", "grant.error", "authorization.error"]) {
  provider.on(event, (_, error, ...more) => console.error(event, error, ...more));
}
provider.listen(port, "127.0.0.1");
