//! No secret gets out: every kind of secret goes through the running product while it logs as much as it can, and then
//! its log, every answer of REST that needs no id, its journal, its data directory and a backup are searched for them.

mod places;
mod totp;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use simulator::eas::Version;

use super::{Context, Scenario, block_on};
use crate::product::{Installation, Organization, Rest};

pub static SCENARIO: Scenario = Scenario {
    name: "canary",
    shows: "no password, token, key or code is in the log, in answers, in the journal, in the data or in a backup",
    peers: &[],
    run,
};

const NAME: &str = "canary";
/// Not secret: it must be found, else the search finds nothing at all.
const VISIBLE: &str = "Canary Visible-7031";

/// What must not be found, by what it is.
type Secrets = Vec<(&'static str, String)>;

fn run(context: &Context<'_>) -> Result<()> {
    let loud = [("NOTIFYMDM_LOG", "trace".to_owned())];
    let more = ["--internal-target", "127.0.0.0/8"];
    let installation = Installation::in_environment(context.work, context.binary()?, NAME, &more, &loud)?;
    let organization = installation.organization("canary")?;
    let mut secrets = Secrets::new();
    block_on(async {
        account(&installation, &mut secrets).await?;
        users_and_phones(&organization, &mut secrets).await?;
        servers(&organization, &mut secrets).await?;
        mistakes(&organization, &mut secrets).await
    })?;
    let count = secrets.len();
    places::search(context, &installation, &organization, &secrets)?;
    context.step(format!("{count} secrets of every kind: none is anywhere"));
    Ok(())
}

fn text(answer: &Value, key: &str) -> Result<String> {
    answer[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {answer}"))
}

/// An administrator's passwords, tokens, second factor and codes.
async fn account(installation: &Installation, secrets: &mut Secrets) -> Result<()> {
    let said = installation.order(&["admin", "create", "second.canary", "--org", "canary"])?;
    let first = said.split_whitespace().last().context("no password")?.to_owned();
    let token = installation.token("second.canary")?;
    let mut rest = Rest::new(&installation.base_url, installation.trust()?, &token)?;
    let password = "canary-Admin-Pass-1".to_owned();
    rest.post("/me/password", &json!({ "old_password": first, "new_password": password })).await?;
    secrets.push(("an administrator's first password", first));
    secrets.push(("an ended token", token));
    let token = installation.token("second.canary")?;
    rest = Rest::new(&installation.base_url, installation.trust()?, &token)?;
    secrets.push(("a token of the command line", token));
    let offer = rest.post("/me/second-factor", &json!({ "password": password })).await?;
    secrets.push(("an administrator's password", password));
    let seed = text(&offer, "secret")?;
    let code = totp::code(&seed)?;
    let codes = rest.post("/me/second-factor/confirm", &json!({ "code": code })).await?;
    let codes = codes["recovery_codes"].as_array().with_context(|| format!("no codes in {codes}"))?;
    ensure!(codes.len() == 10, "{} recovery codes", codes.len());
    secrets.extend(codes.iter().filter_map(|c| c.as_str()).map(|c| ("a recovery code", c.to_owned())));
    // A code counts once: the one for the sealed code of the organization is a recovery code.
    let spent = codes[0].as_str().unwrap_or_default();
    let sealed = rest.post("/approvals/recovery-code", &json!({ "code": spent })).await?;
    secrets.push(("the sealed recovery code", text(&sealed, "recovery_code")?));
    let spent = codes[1].as_str().unwrap_or_default();
    let wish = json!({ "name": "canary", "permissions": ["devices.view"], "days": 1, "code": spent });
    let made = rest.post("/tokens", &wish).await?;
    secrets.push(("a token of REST", text(&made, "token").or_else(|_| text(&made, "secret"))?));
    secrets.push(("the secret of a second factor", seed));
    Ok(())
}

/// Passwords of users: right and wrong ones, of the stand-in and on their way to a mail server.
async fn users_and_phones(organization: &Organization, secrets: &mut Secrets) -> Result<()> {
    let right = "canary-User-Pass-2".to_owned();
    let user = json!({
        "username": "zoe", "email": organization.address("zoe"), "display_name": VISIBLE, "password": right,
    });
    organization.rest.post("/users", &user).await?;
    organization.suite("Canary", "low", &json!({})).await?;
    organization.phone("zoe", &right, 1, Version::V16_1)?.connect().await?;
    secrets.push(("a user's password", right));
    for (n, wrong) in ["canary-Wrong-Pass-3", "canary-Gate-Pass-4"].into_iter().enumerate() {
        if n == 1 {
            // Nobody listens there: the gateway says so, and must not say with what it went.
            organization.server("http://127.0.0.1:9/Microsoft-Server-ActiveSync", json!({})).await?;
        }
        let name = ["zoe", "gate"][n];
        let refused = organization.phone(name, wrong, 10 + n as u64, Version::V14_1)?.connect().await;
        if let Ok(handled) = refused {
            ensure!(!format!("{handled:?}").contains(wrong), "the phone was told its password");
        }
        secrets.push(("a password that was refused", wrong.to_owned()));
    }
    Ok(())
}

/// Secrets of servers that we sign in to, or that believe what we sign.
async fn servers(organization: &Organization, secrets: &mut Secrets) -> Result<()> {
    let rest = &organization.rest;
    let password = "canary-Smtp-Pass-5".to_owned();
    let smtp = json!({
        "host": "127.0.0.1", "port": 9, "security": "plain", "username": "mdm", "password": password,
        "sender": "mdm@canary.test",
    });
    rest.put("/smtp-server", &smtp).await?;
    rest.post("/smtp-server/test", &json!({ "recipient": "" })).await?;
    secrets.push(("the password of an SMTP server", password));
    let hook = json!({ "name": "Canary", "url": "https://127.0.0.1:9/", "events": [], "on": true });
    let made = rest.post("/webhooks", &hook).await?;
    secrets.push(("a webhook's secret", text(&made, "secret")?));
    let id = made["webhook"]["id"].as_str().or_else(|| made["id"].as_str()).context("no webhook")?;
    rest.post(&format!("/webhooks/{id}/test"), &Value::Null).await?;
    let second = rest.post(&format!("/webhooks/{id}/secrets"), &Value::Null).await?;
    secrets.push(("a webhook's second secret", text(&second, "secret")?));
    let shared = "canary-Radius-Secret-6".to_owned();
    let radius = json!({ "name": "Canary", "host": "127.0.0.1", "port": 9, "secret": shared });
    rest.post("/radius-servers", &radius).await?;
    secrets.push(("a RADIUS server's secret", shared));
    Ok(())
}

/// Requests that are refused, with secrets in them: the refusal must not repeat what was sent.
async fn mistakes(organization: &Organization, secrets: &mut Secrets) -> Result<()> {
    for (path, field) in
        [("/users", "password"), ("/smtp-server", "password"), ("/me/password", "new_password")]
    {
        let secret = format!("canary-Mistake{}", path.replace('/', "-"));
        let body = json!({ "username": 5, "host": 5, "old_password": 5, field: secret });
        let call = if path == "/smtp-server" {
            organization.rest.put(path, &body).await
        } else {
            organization.rest.post(path, &body).await
        };
        match call {
            Ok(answer) => bail!("{path} took {answer}"),
            Err(error) => {
                ensure!(!format!("{error:#}").contains(&secret), "{path} repeats what was sent: {error:#}");
            }
        }
        secrets.push(("a password in a request that was refused", secret));
    }
    Ok(())
}
