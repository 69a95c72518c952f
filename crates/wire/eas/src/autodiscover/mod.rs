//! Autodiscover: how a mail program finds the server from a mail address (MS-OXDSCLI, MS-ASCMD Autodiscover).
//!
//! [`pox`] is the older form in XML, [`v2`] the newer in JSON. The room reads and writes them; it looks nothing
//! up and follows no redirect.

pub mod pox;
pub mod v2;

/// Longest mail address accepted, in bytes (RFC 5321 4.5.3.1).
pub const MAX_EMAIL: usize = 320;

/// Whether a text can be a mail address: one `@` with something on both sides, no blanks or control characters.
pub fn is_email(text: &str) -> bool {
    let fine = text.len() <= MAX_EMAIL && !text.chars().any(|c| c.is_control() || c.is_whitespace());
    fine && text
        .split_once('@')
        .is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
