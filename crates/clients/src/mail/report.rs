//! What a test of a mail server found, for the console.

use domain::Millis;
use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// As it should be.
    Good,
    /// It works, but somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked, in a few words.
    pub name: &'static str,
    /// How it ended.
    pub grade: Grade,
    /// What was found, and what to do about it.
    pub words: String,
}

/// The server's own certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateReport {
    /// Distinguished name.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Names it is valid for.
    pub names: Vec<String>,
    /// Valid until.
    pub not_after: Millis,
    /// Certificates that the server sent, its own included.
    pub chain: usize,
}

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct TestReport {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
    /// Addresses of the host.
    pub addresses: Vec<String>,
    /// Certificate, for `https`.
    pub certificate: Option<CertificateReport>,
    /// Versions that the server offers; known only with credentials.
    pub versions: Vec<String>,
    /// Commands that the server offers; known only with credentials.
    pub commands: Vec<String>,
    /// The user's address according to Autodiscover; known only with credentials.
    pub discovered_url: Option<String>,
}

impl TestReport {
    /// Whether nothing failed.
    pub fn is_usable(&self) -> bool {
        self.checks.iter().all(|check| check.grade != Grade::Failed)
    }
    pub(super) fn add(&mut self, name: &'static str, grade: Grade, words: impl Into<String>) {
        self.checks.push(Check { name, grade, words: words.into() });
    }
}
