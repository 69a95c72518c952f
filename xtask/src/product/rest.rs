//! A REST client of one token.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use simulator::http::{BaseUrl, Client, Request, Response, TlsClient};

/// Calls `/api/v1` as the administrator of a token.
#[derive(Clone)]
pub struct Rest {
    base: BaseUrl,
    tls: Arc<TlsClient>,
    token: String,
}

impl Rest {
    /// A client of a server's address.
    pub fn new(base_url: &str, tls: Arc<TlsClient>, token: &str) -> Result<Rest> {
        Ok(Rest { base: BaseUrl::parse(base_url)?, tls, token: token.to_owned() })
    }

    /// The same token at another address.
    pub fn at(&self, base_url: &str) -> Result<Rest> {
        Ok(Rest { base: BaseUrl::parse(base_url)?, ..self.clone() })
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, None).await
    }

    /// Its own description.
    pub async fn document(&self) -> Result<Value> {
        let request = Request::new("GET", "/api/openapi.json", Vec::new());
        let answer = Client::new(self.base.clone(), Some(Arc::clone(&self.tls))).send(&request).await?;
        serde_json::from_slice(&answer.body).context("the description of REST is not JSON")
    }

    /// Creates or orders; null sends no body.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, Some(body).filter(|b| !b.is_null())).await
    }

    /// Replaces.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("PUT", path, Some(body)).await
    }

    /// Changes some fields.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("PATCH", path, Some(body)).await
    }

    /// Removes.
    pub async fn delete(&self, path: &str) -> Result<Value> {
        self.call("DELETE", path, None).await
    }

    /// Asks for a change; whether it was held for a second person.
    pub async fn is_held(&self, method: &str, path: &str, body: &Value) -> Result<bool> {
        let answer = self.send(method, path, Some(body).filter(|b| !b.is_null())).await?;
        Ok(answer.status == 202)
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let answer = self.send(method, path, body).await?;
        let text = String::from_utf8_lossy(&answer.body);
        // 202: it was held, so nothing was done.
        if !(200..300).contains(&answer.status) || answer.status == 202 {
            bail!("{method} /api/v1{path} answered {}: {text}", answer.status);
        }
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("{method} {path} answered {text:?}"))
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Response> {
        let bytes = body.map(|b| b.to_string().into_bytes()).unwrap_or_default();
        let mut request = Request::new(method, format!("/api/v1{path}"), bytes);
        request.headers.add("Authorization", format!("Bearer {}", self.token));
        if method != "GET" {
            request.headers.add("Content-Type", "application/json");
        }
        Ok(Client::new(self.base.clone(), Some(Arc::clone(&self.tls))).send(&request).await?)
    }
}
