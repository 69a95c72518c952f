//! A browser as far as signing in needs one: cookies by host, port and path, redirections, links and forms.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail, ensure};
use simulator::http::{BaseUrl, Client, Request, TlsClient, percent_encode};

/// Redirections that are followed in a row.
const HOPS: usize = 15;

/// Somebody's browser.
pub struct Browser {
    tls: Arc<TlsClient>,
    /// Values by authority, path and name.
    cookies: BTreeMap<(String, String, String), String>,
}

/// A page that a browser shows.
pub struct Page {
    /// Where it came from at last.
    pub url: String,
    /// Status.
    pub status: u16,
    /// Its text.
    pub text: String,
}

impl Page {
    /// What stands between two marks for the first time.
    pub fn between(&self, start: &str, end: &str) -> Result<String> {
        let found = self.text.split_once(start).and_then(|(_, rest)| rest.split_once(end));
        let (found, _) = found.with_context(|| format!("no {start:?} on {}", self.url))?;
        Ok(found.replace("&amp;", "&").replace("&#38;", "&"))
    }

    /// Fails if words are not on it.
    pub fn must_say(&self, words: &str) -> Result<()> {
        ensure!(
            self.text.contains(words),
            "{} ({}) does not say {words:?}: {}",
            self.url,
            self.status,
            self.text
        );
        Ok(())
    }
}

/// Authority and target of an address.
fn parts(url: &str) -> Result<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://").with_context(|| format!("{url} is no address"))?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    Ok((scheme, authority, if target.is_empty() { "/" } else { target }))
}

impl Browser {
    /// A new one that trusts a server's own root.
    pub fn new(tls: Arc<TlsClient>) -> Browser {
        Browser { tls, cookies: BTreeMap::new() }
    }

    /// Opens an address, and where it leads.
    pub async fn open(&mut self, url: &str) -> Result<Page> {
        self.go("GET", url, &[]).await
    }

    /// Sends a form, and goes where that leads.
    pub async fn submit(&mut self, url: &str, fields: &[(&str, &str)]) -> Result<Page> {
        self.go("POST", url, fields).await
    }

    async fn go(&mut self, method: &str, url: &str, fields: &[(&str, &str)]) -> Result<Page> {
        let mut page = self.once(method, url, fields).await?;
        for _ in 0..HOPS {
            let Ok(to) = page.1 else { return Ok(page.0) };
            page = self.once("GET", &to, &[]).await?;
        }
        bail!("{url} leads on and on")
    }

    /// The page, or what it leads to.
    async fn once(
        &mut self,
        method: &str,
        url: &str,
        fields: &[(&str, &str)],
    ) -> Result<(Page, Result<String>)> {
        let (scheme, authority, target) = parts(url)?;
        let path = target.split('?').next().unwrap_or_default();
        let body: Vec<String> =
            fields.iter().map(|(key, value)| format!("{key}={}", percent_encode(value))).collect();
        let mut request = Request::new(method, target, body.join("&").into_bytes());
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        let sent = self
            .cookies
            .iter()
            .filter(|((at, below, _), _)| at == authority && path.starts_with(below.as_str()));
        let sent: Vec<String> = sent.map(|((_, _, name), value)| format!("{name}={value}")).collect();
        request.headers.add("Cookie", sent.join("; "));
        let tls = (scheme == "https").then(|| Arc::clone(&self.tls));
        let base = BaseUrl::parse(&format!("{scheme}://{authority}"))?;
        let answer = Client::new(base, tls).send(&request).await.with_context(|| format!("asking {url}"))?;
        for (_, line) in answer.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie")) {
            self.keep(authority, line);
        }
        let to =
            answer.headers.get("Location").filter(|_| (300..400).contains(&answer.status)).map(|to| {
                if to.contains("://") { to.to_owned() } else { format!("{scheme}://{authority}{to}") }
            });
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let page = Page { url: url.to_owned(), status: answer.status, text };
        Ok((page, to.context("it leads nowhere")))
    }

    fn keep(&mut self, authority: &str, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let (mut path, mut over) = ("/", value.is_empty());
        for attribute in parts {
            match attribute.split_once('=') {
                Some((key, value)) if key.eq_ignore_ascii_case("path") => path = value,
                Some((key, "0")) if key.eq_ignore_ascii_case("max-age") => over = true,
                _ => {}
            }
        }
        let key = (authority.to_owned(), path.to_owned(), name.to_owned());
        if over { drop(self.cookies.remove(&key)) } else { drop(self.cookies.insert(key, value.to_owned())) }
    }
}
