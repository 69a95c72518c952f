//! Administrators and users who sign in at oidc-provider: code flow with PKCE, roles by claims, the ends of sessions on both sides,
//! new keys, a provider that is away.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{Context, Scenario, block_on};
use crate::peers::oidc_provider::{self, issuer};
use crate::product::{Browser, Installation, Organization, Page};

/// Fetched keys are not fetched anew sooner.
const KEYS_KEPT: Duration = Duration::from_secs(62);
const CLIENT: &str = "notifymdm";
const SECRET: &str = "a client's secret";

pub static SCENARIO: Scenario = Scenario {
    name: "oidc",
    shows: "administrators and users sign in at a certified identity provider, as what its claims say, and are signed out with it",
    peers: &["oidc-provider"],
    run,
};

fn run(context: &Context<'_>) -> Result<()> {
    let more = ["--internal-target", "127.0.0.0/8"];
    let installation = Installation::with(context.work, context.binary()?, "oidc", &more)?;
    let stage = Stage {
        organization: installation.organization("oidc")?,
        other: installation.organization("oidc-other")?,
        installation,
    };
    let outcome = block_on(stage.play(context));
    oidc_provider::stop(context.work)?;
    outcome
}

/// An installation with two organizations.
struct Stage {
    installation: Installation,
    organization: Organization,
    other: Organization,
}

/// What is set about the provider.
fn settings() -> Value {
    let rule = |value: &str, role: &str| json!({ "claim": "groups", "value": value, "role": { "predefined": role } });
    json!({
        "name": "Staff", "zone": "staff", "issuer": issuer(), "client_id": CLIENT, "client_secret": SECRET,
        "scopes": ["profile", "email", "groups"], "creates": true,
        "users": { "claim": "email", "is": "email", "creates": true },
        "rules": [rule("mdm-admins", "full"), rule("mdm-desk", "help_desk")],
    })
}

fn people() -> Value {
    let person = |name: &str, groups: &[&str]| {
        json!({
            "name": name, "preferred_username": name.to_lowercase(), "groups": groups,
            "email": format!("{}@oidc.test", name.to_lowercase()), "email_verified": true,
        })
    };
    json!({
        "1-anna": person("Anna", &["staff", "mdm-admins"]), "2-bob": person("Bob", &["mdm-desk"]),
        "3-carl": person("Carl", &["mdm-admins-of-others"]),
    })
}

impl Stage {
    async fn play(&self, context: &Context<'_>) -> Result<()> {
        let made = self.organization.rest.post("/identity-providers", &settings()).await?;
        ensure!(!made.to_string().contains(SECRET), "the secret is given out: {made}");
        let id = made["id"].as_str().context("an id")?;
        self.away(context, id).await?;
        self.start(context, id)?;
        let tested =
            self.organization.rest.post(&format!("/identity-providers/{id}/test"), &Value::Null).await?;
        ensure!(tested["ok"] == true, "{tested}");
        context.step("its document and keys are read");
        let fetched = Instant::now();
        let mut anna = self.roles(context).await?;
        self.sign_out(context, &mut anna).await?;
        self.back_channel(context).await?;
        self.users(context).await?;
        self.new_keys(context, id, fetched).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.installation.base_url)
    }

    fn browser(&self) -> Result<Browser> {
        Ok(Browser::new(self.installation.trust()?))
    }

    fn start(&self, context: &Context<'_>, id: &str) -> Result<()> {
        let back = self.url(&format!("/dashboard/sign-in/oidc/{id}"));
        let clients = json!([{
            "client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [back, self.url(&format!("/portal/sign-in/oidc/{id}"))],
            "post_logout_redirect_uris": [self.url("/dashboard/sign-in"), self.url("/portal/sign-in")],
            "backchannel_logout_uri": format!("{back}/logout"), "backchannel_logout_session_required": true,
        }]);
        oidc_provider::start(context.work, &clients, &people(), &self.installation.data.join("ca.pem"))
    }

    /// From the link to the provider, through its pages, and back.
    async fn sign_in(&self, browser: &mut Browser, who: &str) -> Result<Page> {
        let page = browser
            .open(&self.url("/dashboard/sign-in/leave?zone=oidc/staff&next=/dashboard/devices"))
            .await?;
        through(browser, page, who).await
    }

    async fn away(&self, context: &Context<'_>, id: &str) -> Result<()> {
        let (mut browser, begun) = (self.browser()?, Instant::now());
        let page = browser.open(&self.url("/dashboard/sign-in/leave?zone=oidc/staff")).await?;
        page.must_say("Staff cannot be reached")?;
        ensure!(begun.elapsed() < Duration::from_secs(12), "the page took {:?}", begun.elapsed());
        self.organization.rest.get("/me").await?;
        let foreign = self.other.rest.get(&format!("/identity-providers/{id}")).await;
        ensure!(foreign.is_err(), "another organization sees it");
        context.step("while it is away its page says so, and everybody else is served");
        Ok(())
    }

    async fn roles(&self, context: &Context<'_>) -> Result<Browser> {
        let mut anna = self.browser()?;
        let page = self.sign_in(&mut anna, "1-anna").await?;
        ensure!(
            page.status == 200 && page.url.ends_with("/dashboard/devices"),
            "{} {}",
            page.url,
            page.status
        );
        let journal = anna.open(&self.url("/dashboard/journal")).await?;
        ensure!(journal.status == 200, "{}", journal.status);
        journal.must_say("anna@staff.oidc")?;
        context.step(
            "code flow with PKCE ends on the page that was asked for, with an account as the rule says: full",
        );

        let mut bob = self.browser()?;
        let page = self.sign_in(&mut bob, "2-bob").await?;
        ensure!(page.status == 200, "{} {}", page.url, page.status);
        let journal = bob.open(&self.url("/dashboard/journal")).await?;
        ensure!(journal.status == 403, "the help desk reads the journal: {}", journal.status);
        let mut carl = self.browser()?;
        let page = self.sign_in(&mut carl, "3-carl").await?;
        ensure!(page.status == 403, "{} {}", page.url, page.status);
        page.must_say("No rule of this provider gives you a role here")?;
        let outside = carl.open(&self.url("/dashboard/devices")).await?;
        ensure!(outside.url.contains("/sign-in"), "{}", outside.url);
        let accounts = self.organization.rest.get("/administrators").await?.to_string();
        ensure!(accounts.contains("bob@staff.oidc") && !accounts.contains("carl"), "{accounts}");
        ensure!(
            !self.other.rest.get("/administrators").await?.to_string().contains("@staff"),
            "of another organization"
        );
        context.step("the help desk gets no more than its rule says, and whom no rule names gets nothing");
        Ok(anna)
    }

    async fn sign_out(&self, context: &Context<'_>, anna: &mut Browser) -> Result<()> {
        let page = anna.open(&self.url("/dashboard/account")).await?;
        let csrf = page.between("name=\"csrf\" value=\"", "\"")?;
        let page = anna.submit(&self.url("/dashboard/sign-out"), &[("csrf", &csrf)]).await?;
        page.must_say("You are signed out")?;
        let there = format!("{}{}", issuer(), page.between(&format!("href=\"{}", issuer()), "\"")?);
        let page = end(anna, &there).await?;
        ensure!(page.url.starts_with(&self.url("/dashboard/sign-in")), "it leads to {}", page.url);
        let page = anna.open(&self.url("/dashboard/sign-in/leave?zone=oidc/staff")).await?;
        ensure!(asks(&page), "the session at the provider is not over: {}", page.url);
        context.step("signing out leads to the provider's own end of the session, and back");
        Ok(())
    }

    async fn back_channel(&self, context: &Context<'_>) -> Result<()> {
        let (mut one, mut two) = (self.browser()?, self.browser()?);
        for browser in [&mut one, &mut two] {
            let page = self.sign_in(browser, "1-anna").await?;
            ensure!(page.status == 200, "{} {}", page.url, page.status);
        }
        let back = self.url("/dashboard/sign-in");
        end(
            &mut one,
            &format!("{}/session/end?client_id={CLIENT}&post_logout_redirect_uri={back}", issuer()),
        )
        .await?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while !one.open(&self.url("/dashboard/devices")).await?.url.contains("/sign-in") {
            ensure!(Instant::now() < deadline, "the session outlives the one at the provider");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let page = two.open(&self.url("/dashboard/devices")).await?;
        ensure!(page.status == 200 && page.url.ends_with("/devices"), "{}", page.url);
        context.step(
            "the end of a session at the provider ends the one here that came through it, and no other",
        );
        Ok(())
    }

    async fn users(&self, context: &Context<'_>) -> Result<()> {
        let mut carl = self.browser()?;
        let page = carl.open(&self.url("/portal/sign-in?org=oidc&next=/portal/account")).await?;
        page.must_say("Sign in with Staff")?;
        let page = carl.open(&self.leave(&page)?).await?;
        let page = through(&mut carl, page, "3-carl").await?;
        ensure!(page.status == 200 && page.url.ends_with("/portal/account"), "{} {}", page.url, page.status);
        page.must_say("carl@oidc.test")?;
        let staff = carl.open(&self.url("/dashboard/devices")).await?;
        ensure!(staff.url.contains("/dashboard/sign-in"), "a user is in the console: {}", staff.url);
        let found = self.organization.rest.get("/users?q=carl").await?;
        let (user, link) = (&found["items"][0]["id"], &found["items"][0]["identity"]);
        ensure!(link["subject"] == "3-carl" && link["issuer"] == issuer(), "{found}");
        let users = self.organization.rest.get("/users").await?.to_string();
        ensure!(users.contains("carl@oidc.test") && !users.contains("anna@oidc.test"), "{users}");
        ensure!(
            !self.other.rest.get("/users").await?.to_string().contains("carl"),
            "of another organization"
        );
        self.anew(&mut carl).await?;
        let path = format!("/users/{}/identity", user.as_str().context("an id")?);
        ensure!(self.other.rest.delete(&path).await.is_err(), "another organization takes the link away");
        let back = self.url("/portal/sign-in");
        end(
            &mut carl,
            &format!("{}/session/end?client_id={CLIENT}&post_logout_redirect_uri={back}", issuer()),
        )
        .await?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while !carl.open(&self.url("/portal/account")).await?.url.contains("/sign-in") {
            ensure!(Instant::now() < deadline, "the session outlives the one at the provider");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        context.step(
            "users come to the portal the same way, are made where that is set, and are signed out with it",
        );
        Ok(())
    }

    /// Where the button of the portal leads.
    fn leave(&self, page: &Page) -> Result<String> {
        let rest = page.between("href=\"/portal/sign-in/leave", "\"")?;
        Ok(self.url(&format!("/portal/sign-in/leave{}", rest.replace("&#38;", "&"))))
    }

    /// Whose session at the provider is open is asked there again all the same.
    async fn anew(&self, browser: &mut Browser) -> Result<()> {
        let page = browser.open(&self.url("/portal/sign-in?org=oidc&next=/portal/account")).await?;
        let leave = self.leave(&page)?;
        let page = browser.open(&leave).await?;
        ensure!(page.url.ends_with("/portal/account"), "the session there is not open: {}", page.url);
        let page = browser.open(&format!("{leave}&anew=1")).await?;
        ensure!(asks(&page), "the provider does not ask again: {}", page.url);
        let page = through(browser, page, "3-carl").await?;
        ensure!(page.status == 200 && page.url.ends_with("/portal/account"), "{} {}", page.url, page.status);
        Ok(())
    }

    async fn new_keys(&self, context: &Context<'_>, id: &str, fetched: Instant) -> Result<()> {
        oidc_provider::stop(context.work)?;
        self.start(context, id)?;
        tokio::time::sleep(KEYS_KEPT.saturating_sub(fetched.elapsed())).await;
        let page = self.sign_in(&mut self.browser()?, "1-anna").await?;
        ensure!(page.status == 200 && page.url.ends_with("/devices"), "{} {}", page.url, page.status);
        context.step("keys that were changed over there are fetched when they are needed");
        Ok(())
    }
}

/// Whether a page is one of the provider's own that asks for something.
fn asks(page: &Page) -> bool {
    page.url.starts_with(&issuer()) && page.text.contains("name=\"prompt\"")
}

/// Answers what the provider asks, until it leads back.
async fn through(browser: &mut Browser, mut page: Page, who: &str) -> Result<Page> {
    for _ in 0..3 {
        if !asks(&page) {
            break;
        }
        let prompt = page.between("name=\"prompt\" value=\"", "\"")?;
        let action = page.between("action=\"", "\"")?;
        page = browser.submit(&action, &[("prompt", &prompt), ("login", who), ("password", "any")]).await?;
    }
    Ok(page)
}

/// Ends a session at the provider, which asks whether that is meant.
async fn end(browser: &mut Browser, address: &str) -> Result<Page> {
    let page = browser.open(address).await?;
    let (action, token) = (page.between("action=\"", "\"")?, page.between("name=\"xsrf\" value=\"", "\"")?);
    browser.submit(&action, &[("xsrf", &token), ("logout", "yes")]).await
}
