//! Autodiscover: where we are, in the old XML and the new JSON form; and learning from the mail server where the user's
//! mailbox is. Answers are the same for every address of a served domain, so that nobody learns who exists.

mod json;
mod learn;
mod pox;

use http::HeaderMap;

use crate::handler::{ActiveSync, host_of};

/// Path of ActiveSync in the addresses that we hand out.
const PATH: &str = "/Microsoft-Server-ActiveSync";

impl ActiveSync {
    /// Our address: the configured one, else the host that the client asked. Only that client sees it.
    fn own_url(&self, headers: &HeaderMap) -> Option<String> {
        if let Some(url) = &self.options.public_url {
            return Some(format!("{}{PATH}", url.trim_end_matches('/')));
        }
        let host = host_of(headers)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        (!host.is_empty() && host.len() <= 255 && host.chars().all(plain))
            .then(|| format!("https://{host}{PATH}"))
    }
}
