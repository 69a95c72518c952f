//! The gateway: requests of devices go to the user's mail server with *its* policy key, and come back with ours
//! untouched.
//!
//! What is passed on is not understood beyond its first bytes. What a mail server says about policies, wipes and
//! other servers is meant for us, its client: it is answered by us and never reaches the device.

mod answer;
mod authenticate;
mod challenge;
mod escrow;
mod failure;
mod flights;
mod forward;
mod handshake;
mod headers;
mod inquiry;
mod intervals;
mod introduction;
mod owner;
mod park;
mod redirect;
mod relay_wipe;
mod resume;
mod trip;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use clients::mail::{MailError, MailServer};
use domain::model::{ActiveSyncServer, ServerId};
use parking_lot::Mutex;
use transport::Upstreams;
use wire_eas::version::Version;

pub(crate) use authenticate::{Offer, Verified};
use challenge::Challenges;
use flights::Flights;
use intervals::Intervals;

/// What the gateway keeps in memory.
pub(crate) struct Gateway {
    upstreams: Upstreams,
    /// Prepared servers with the revision that they were made of.
    servers: Mutex<HashMap<ServerId, (i64, Arc<MailServer>)>>,
    challenges: Challenges,
    flights: Flights,
    intervals: Intervals,
}

impl Gateway {
    pub(crate) fn new(upstreams: Upstreams) -> Self {
        Self {
            upstreams,
            servers: Mutex::default(),
            challenges: Challenges::default(),
            flights: Flights::default(),
            intervals: Intervals::default(),
        }
    }

    /// The client half.
    pub(crate) fn upstreams(&self) -> &Upstreams {
        &self.upstreams
    }

    /// The prepared server; made again when an administrator edits it.
    pub(crate) fn mail(&self, server: &Arc<ActiveSyncServer>) -> Result<Arc<MailServer>, MailError> {
        let mut servers = self.servers.lock();
        if let Some((rev, mail)) = servers.get(&server.id)
            && *rev == server.rev
        {
            return Ok(Arc::clone(mail));
        }
        let mail = Arc::new(MailServer::new(Arc::clone(server))?);
        servers.insert(server.id, (server.rev, Arc::clone(&mail)));
        Ok(mail)
    }
}

/// The versions that an administrator allows towards a server.
pub(crate) fn versions(server: &ActiveSyncServer) -> RangeInclusive<Version> {
    let (low, high) = &server.versions;
    low.parse().unwrap_or(Version::V12_1)..=high.parse().unwrap_or(Version::V16_1)
}
