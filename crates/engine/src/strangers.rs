//! Strangers who were refused: one entry in the journal for each source and minute, however many they try.
//!
//! Counted in memory and written every minute. What is kept is bounded: beyond [`SOURCES`] addresses the rest of the
//! minute goes into one entry without an address. Names and passwords that were tried are not kept: people type the
//! one into the field of the other.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use domain::Millis;
use domain::model::{Actor, JournalEntry, Organization, OrganizationId};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::json;

use crate::{Engine, Error, Result};

/// Sources told apart within a minute.
const SOURCES: usize = 256;

/// Where a stranger knocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// ActiveSync or Autodiscover, with a name or a password of nobody's.
    Activesync,
    /// The API for Cisco ISE and NAC.
    Ise,
    /// REST, with a token that is unknown or over.
    Rest,
    /// The sign-in page of the console.
    Console,
    /// The sign-in of users, on the enrolment pages and in the portal.
    Portal,
}

/// Requests of one source since the last flush.
#[derive(Debug)]
struct Refused {
    first: Millis,
    last: Millis,
    requests: BTreeMap<Surface, u64>,
}

/// An address, or the network of one: a single host has all addresses of an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    Host(IpAddr),
    Network(Ipv6Addr),
    /// Everybody beyond the limit.
    Others,
}

impl From<IpAddr> for Source {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                let [a, b, c, d, ..] = address.segments();
                Source::Network(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            host => Source::Host(host),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Host(address) => write!(f, "{address}"),
            Source::Network(address) => write!(f, "{address}/64"),
            Source::Others => f.write_str("many addresses"),
        }
    }
}

/// What is not written yet.
#[derive(Default)]
pub struct Strangers(Mutex<HashMap<(OrganizationId, Source), Refused>>);

impl Strangers {
    /// Counts a refusal. `organization`: the one that the request was led to, if any.
    pub(crate) fn refused(
        &self,
        organization: Option<OrganizationId>,
        address: IpAddr,
        surface: Surface,
        now: Millis,
    ) {
        let organization = organization.unwrap_or(Organization::SYSTEM);
        let mut all = self.0.lock();
        let source = Source::from(address);
        let known = all.contains_key(&(organization, source)) || all.len() < SOURCES;
        let key = (organization, if known { source } else { Source::Others });
        let refused =
            all.entry(key).or_insert_with(|| Refused { first: now, last: now, requests: BTreeMap::new() });
        refused.last = refused.last.max(now);
        *refused.requests.entry(surface).or_default() += 1;
    }
}

/// Counts a refusal of a stranger, for the journal of the organization that the request was led to (of the
/// installation, if to none).
pub fn refused(engine: &Engine, organization: Option<OrganizationId>, address: IpAddr, surface: Surface) {
    engine.strangers.refused(organization, address, surface, engine.now());
}

/// Writes a summary for each source. Called every minute and at the end.
///
/// # Errors
/// Storage errors; what was not written is lost then, as is what a crash takes.
pub async fn flush(engine: &Engine) -> Result<()> {
    let mut by_organization = BTreeMap::<OrganizationId, Vec<(Source, Refused)>>::new();
    for ((organization, source), refused) in std::mem::take(&mut *engine.strangers.0.lock()) {
        by_organization.entry(organization).or_default().push((source, refused));
    }
    for (organization, mut all) in by_organization {
        all.sort_by_key(|(_, refused)| refused.first);
        for (source, refused) in all {
            let entry = JournalEntry {
                event: "stranger.refused",
                subject: String::new(),
                body: json!({ "from": refused.first, "until": refused.last, "requests": refused.requests }),
            };
            let actor = Actor::Stranger(source.to_string());
            let written = engine.store.write(organization, actor, async move |tx| {
                tx.journal(entry.clone());
                Ok::<_, Error>(())
            });
            written.await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_up_to_a_limit_and_memory_is_bounded() {
        let strangers = Strangers::default();
        for host in 0..2_000_u16 {
            for _ in 0..3 {
                let address = IpAddr::from([198, 51, (host >> 8) as u8, host as u8]);
                strangers.refused(None, address, Surface::Console, i64::from(host));
            }
        }
        let all = strangers.0.lock();
        assert_eq!(all.len(), SOURCES + 1);
        let rest = &all[&(Organization::SYSTEM, Source::Others)];
        assert_eq!(rest.requests[&Surface::Console], 3 * (2_000 - SOURCES as u64));
        assert_eq!((rest.first, rest.last), (SOURCES as i64, 1_999));
    }

    #[test]
    fn one_host_with_a_network_of_its_own_is_one_source() {
        let strangers = Strangers::default();
        for address in ["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:192.0.2.1", "192.0.2.1"]
        {
            strangers.refused(None, address.parse().expect("an address"), Surface::Rest, 1);
        }
        let mut sources: Vec<_> = strangers.0.lock().keys().map(|(_, source)| source.to_string()).collect();
        sources.sort();
        assert_eq!(sources, ["192.0.2.1", "2001:db8:0:1::/64", "2001:db8::/64"]);
    }
}
