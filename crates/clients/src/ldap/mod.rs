//! Directories (LDAP): who there is, in which folders and groups, and whether a password is good.
//!
//! Always behind TLS, the certificate always checked, the address guarded like every address that an organization
//! names ([`crate::outbound`]). Referrals are not followed, aliases neither. A server may hang, send junk, send without
//! end or lead in circles: each of these ends with words, and holds up nobody but who asked it.

mod connection;
mod error;
mod groups;
mod people;
mod pool;
mod search;
mod tree;

use std::time::Duration;

use domain::model::{AttributeMap, DirectorySecurity};

use crate::outbound::Reach;
pub use error::LdapError;
pub use groups::Members;
pub use people::{Found, Person};
pub use pool::Directory;
pub use tree::{Node, Tested};
pub use wire_ldap::{Dn, Filter};

/// Time for each message of the server.
pub const PATIENCE: Duration = Duration::from_secs(15);
/// Time for one whole search.
const LONGEST: Duration = Duration::from_mins(10);
/// Entries that one search reads.
pub const MOST_ENTRIES: usize = 250_000;

/// Where a directory is, as whom it is asked, and what it calls things.
pub struct Place {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Protection.
    pub security: DirectorySecurity,
    /// Roots in PEM form; empty: the public authorities.
    pub roots: String,
    /// Where it may be.
    pub reach: Reach,
    /// As whom it is asked.
    pub bind_dn: String,
    /// The password for it.
    pub password: String,
    /// Where users and groups are looked for.
    pub bases: Vec<String>,
    /// Finds people.
    pub users: Filter,
    /// Finds groups.
    pub groups: Filter,
    /// What it calls things.
    pub attributes: AttributeMap,
    /// Entries of a page.
    pub page_size: u32,
    /// Time for each message of the server; a third of it for a turn. Usually [`PATIENCE`].
    pub patience: Duration,
}
