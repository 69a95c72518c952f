//! A stolen session of a system administrator in the console: a cookie, and forms sent as a browser sends them.

use std::fmt::Write as _;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use simulator::http::{BaseUrl, Client, Request, Response, TlsClient};

use super::Record;
use crate::product::Installation;

/// Devices of one form.
const MANY: usize = 500;

/// Somebody who is signed in, inside one organization.
pub struct Session {
    base: BaseUrl,
    tls: Arc<TlsClient>,
    cookie: String,
    csrf: String,
}

impl Session {
    /// Signs a system administrator in and steps into an organization.
    pub async fn open(installation: &Installation, slug: &str) -> Result<Session> {
        let account = format!("root.{slug}");
        let said = installation.order(&["admin", "create", &account])?;
        let password = said.split_whitespace().last().with_context(|| format!("no password in {said:?}"))?;
        let mut session = Session {
            base: BaseUrl::parse(&installation.base_url)?,
            tls: installation.trust()?,
            cookie: String::new(),
            csrf: String::new(),
        };
        let fields = [("account", account.as_str()), ("password", password), ("next", "/dashboard")];
        let answer = session.post("/dashboard/sign-in", &fields).await?;
        let cookie = answer.headers.get("set-cookie").context("no cookie")?;
        cookie.split(';').next().unwrap_or_default().clone_into(&mut session.cookie);
        session.choose_password(password).await?;
        let organization = session.organization(slug).await?;
        session.post("/dashboard/organizations/switch", &[("organization", &organization)]).await?;
        Ok(session)
    }

    /// Whose password somebody else made must choose another one first.
    async fn choose_password(&mut self, old: &str) -> Result<()> {
        let page = self.get("/dashboard/account/password").await?;
        self.csrf = hidden(&page, "csrf").context("no token in the form")?;
        let new = "Stolen-session-2031";
        let fields = [("old_password", old), ("password", new), ("again", new)];
        let answer = self.post("/dashboard/account/password", &fields).await?;
        ensure!(answer.status == 303, "the password was not taken: {}", answer.status);
        let page = self.get("/dashboard/organizations").await?;
        self.csrf = hidden(&page, "csrf").context("no token in the page")?;
        Ok(())
    }

    async fn organization(&self, slug: &str) -> Result<String> {
        let page = self.get("/dashboard/organizations").await?;
        let links = page.split("href=\"/dashboard/organizations/").skip(1);
        let id = links.filter_map(|link| link.split_once('"')).find_map(|(id, rest)| {
            let (_, text) = rest.split_once('>')?;
            text.starts_with(&format!("{slug}<")).then(|| id.to_owned())
        });
        id.with_context(|| format!("{slug} is not listed"))
    }

    /// Orders a full wipe of everything on the list.
    pub async fn wipe(&mut self, records: &[Record]) -> Result<()> {
        for some in records.chunks(MANY) {
            let phrase = if some.len() == 1 { "1 device".into() } else { format!("{} devices", some.len()) };
            let mut fields = vec![("action", "full_wipe"), ("confirm", phrase.as_str())];
            fields.extend(some.iter().map(|(id, _)| ("id", id.as_str())));
            let answer = self.post("/dashboard/devices/bulk/order", &fields).await?;
            let page = text(&answer);
            ensure!(page.contains("ordered"), "{}: {page}", answer.status);
        }
        Ok(())
    }

    /// Disables the organization; whether that was held.
    pub async fn disable(&mut self, slug: &str) -> Result<bool> {
        let id = self.organization(slug).await?;
        let domain = format!("{slug}.test");
        let fields = [("name", slug), ("mail_domains", domain.as_str())];
        let answer = self.post(&format!("/dashboard/organizations/{id}"), &fields).await?;
        Ok(answer.status == 202)
    }

    async fn get(&self, path: &str) -> Result<String> {
        Ok(text(&self.send(Request::new("GET", path, Vec::new())).await?))
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let csrf = ("csrf", self.csrf.as_str());
        let pairs = std::iter::once(&csrf).chain(fields);
        let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let mut request = Request::new("POST", path, body.join("&").into_bytes());
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        self.send(request).await
    }

    async fn send(&self, mut request: Request) -> Result<Response> {
        if !self.cookie.is_empty() {
            request.headers.add("Cookie", self.cookie.clone());
        }
        Ok(Client::new(self.base.clone(), Some(Arc::clone(&self.tls))).send(&request).await?)
    }
}

fn text(answer: &Response) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\""))?;
    rest.split('"').next().map(str::to_owned)
}

fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(byte.into());
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
