//! An installation from nothing: `serve` on an empty data directory, organizations by command line.

use std::fs;
use std::ops::Deref;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::rest::Rest;
use super::server::{Server, empty_folder};
use super::{FakeClock, Organization};
use crate::work::Work;

/// A running installation without any data but what scenarios make.
pub struct Installation {
    server: Server,
}

impl Deref for Installation {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Installation {
    /// Starts one on an empty data directory: SQLite there, or the PostgreSQL database of `url`.
    pub fn start(work: &Work, binary: &Path, name: &str, url: Option<&str>) -> Result<Installation> {
        let data = empty_folder(work, name)?;
        Ok(Installation { server: Server::start(work, binary, name, &data, &storage(url))? })
    }

    /// Starts one on an empty data directory with more arguments for `serve`.
    pub fn with(work: &Work, binary: &Path, name: &str, more: &[&str]) -> Result<Installation> {
        let data = empty_folder(work, name)?;
        Ok(Installation { server: Server::start(work, binary, name, &data, more)? })
    }

    /// The same with variables of its environment.
    pub fn in_environment(
        work: &Work,
        binary: &Path,
        name: &str,
        more: &[&str],
        environment: &[(&str, String)],
    ) -> Result<Installation> {
        let data = empty_folder(work, name)?;
        Ok(Installation { server: Server::start_in(work, binary, name, &data, more, environment)? })
    }

    /// The same by a clock that can be moved.
    pub fn by_clock(work: &Work, binary: &Path, name: &str, clock: &FakeClock) -> Result<Installation> {
        Self::in_environment(work, binary, name, &[], clock.environment())
    }

    /// REST as an administrator who exists already.
    pub fn rest_of(&self, username: &str) -> Result<Rest> {
        Rest::new(&self.base_url, self.trust()?, &self.token(username)?)
    }

    /// A second node on the same PostgreSQL: another data directory with the same key and authority.
    pub fn node(&self, work: &Work, binary: &Path, name: &str, url: &str) -> Result<Installation> {
        let data = empty_folder(work, name)?;
        for file in ["secret.key", "ca.pem", "ca.key"] {
            fs::copy(self.data.join(file), data.join(file)).with_context(|| format!("copying {file}"))?;
        }
        Ok(Installation { server: Server::start(work, binary, name, &data, &storage(Some(url)))? })
    }

    /// Makes an organization with the mail domain `SLUG.test`, its administrator, and a token for REST.
    pub fn organization(&self, slug: &str) -> Result<Organization> {
        let (domain, admin) = (format!("{slug}.test"), format!("admin.{slug}"));
        self.order(&["org", "create", slug, "--mail-domain", &domain])?;
        self.order(&["admin", "create", &admin, "--org", slug])?;
        let rest = Rest::new(&self.base_url, self.trust()?, &self.token(&admin)?)?;
        Ok(Organization::new(&self.base_url, self.trust()?, &domain, rest))
    }
}

fn storage(url: Option<&str>) -> Vec<&str> {
    url.map_or_else(Vec::new, |url| vec!["--database-url", url])
}
