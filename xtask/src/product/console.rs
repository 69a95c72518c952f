//! What a system administrator does inside an organization: stepping into it is done in the console alone.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use simulator::http::{BaseUrl, Client, Request, Response, TlsClient, percent_encode};

/// A session of the console.
pub struct Console {
    client: Client,
    cookie: String,
    csrf: String,
}

impl Console {
    /// Signs in.
    pub async fn sign_in(base_url: &str, tls: Arc<TlsClient>, name: &str, password: &str) -> Result<Console> {
        let client = Client::new(BaseUrl::parse(base_url)?, Some(tls));
        let mut console = Console { client, cookie: String::new(), csrf: String::new() };
        let fields = [("account", name), ("password", password)];
        let answer = console.send("POST", "/dashboard/sign-in", &fields).await?;
        ensure!(answer.status == 303, "signing in to the console: {}", answer.status);
        let cookie = answer.headers.get("Set-Cookie").context("no cookie of a session")?;
        console.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let page = console.send("GET", "/dashboard/account", &[]).await?;
        let page = String::from_utf8_lossy(&page.body).into_owned();
        let csrf = between(&page, "name=\"csrf\" value=\"", "\"").context("no form with a token")?;
        csrf.clone_into(&mut console.csrf);
        Ok(console)
    }

    /// Steps into an organization, by its id.
    pub async fn step_into(&mut self, organization: &str) -> Result<()> {
        self.submit("/dashboard/organizations/switch", &[("organization", organization)]).await
    }

    /// Sends a form that leads on to another page.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<()> {
        let answer = self.send("POST", path, fields).await?;
        ensure!(answer.status == 303, "{path} answered {}", answer.status);
        Ok(())
    }

    async fn send(&mut self, method: &str, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let csrf = [("csrf", self.csrf.as_str())];
        let pairs = fields.iter().chain(csrf.iter().filter(|(_, token)| !token.is_empty()));
        let body: Vec<String> =
            pairs.map(|(key, value)| format!("{key}={}", percent_encode(value))).collect();
        let body = if method == "GET" { Vec::new() } else { body.join("&").into_bytes() };
        let mut request = Request::new(method, path, body);
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.headers.add("Cookie", self.cookie.clone());
        Ok(self.client.send(&request).await?)
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split(end).next()
}
