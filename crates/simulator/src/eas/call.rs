//! One request, before the device adds its identity to it.

use std::time::Duration;

use crate::wbxml::{Element, encode};

/// A command with its body, parameters and oddities.
#[derive(Clone, Debug)]
pub struct Call {
    /// Command name for the query.
    pub cmd: String,
    /// Body; empty is legal for Ping and Sync.
    pub body: Vec<u8>,
    /// Content type of a body that is not empty.
    pub content_type: &'static str,
    /// Further query parameters.
    pub params: Vec<(String, String)>,
    /// Whether a multipart answer is welcome (ItemOperations).
    pub multipart: bool,
    /// Policy key to claim instead of the device's own.
    pub policy_key: Option<u32>,
    /// Longest time until the whole answer is there.
    pub timeout: Duration,
}

impl Call {
    /// A command with a WBXML document.
    pub fn new(cmd: &str, root: &Element) -> Call {
        Call::with_body(cmd, encode(root))
    }

    /// A command with ready-made bytes, sent as WBXML.
    pub fn with_body(cmd: &str, body: Vec<u8>) -> Call {
        Call {
            cmd: cmd.to_owned(),
            body,
            content_type: "application/vnd.ms-sync.wbxml",
            params: Vec::new(),
            multipart: false,
            policy_key: None,
            timeout: Duration::from_mins(2),
        }
    }

    /// Adds a query parameter.
    pub fn param(mut self, name: &str, value: &str) -> Call {
        self.params.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits for the answer as long as this.
    pub fn within(mut self, timeout: Duration) -> Call {
        self.timeout = timeout;
        self
    }
}
