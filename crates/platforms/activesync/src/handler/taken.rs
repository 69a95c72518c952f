//! Passwords of users who sign in to our own pages: the mail server is asked as it is for a phone.

use std::net::{IpAddr, SocketAddr};

use engine::eas::{self, Login};
use engine::sign_in::{Asked, MailServers, Taken};

use super::{ActiveSync, Credentials};
use crate::gateway::Verified;

impl MailServers for ActiveSync {
    fn takes<'a>(&'a self, login: &'a Login, password: &'a str, address: IpAddr) -> Asked<'a> {
        Box::pin(async move {
            let Some(server) = &login.server else { return Taken::Unknown };
            let Some(credentials) = Credentials::basic(&login.presented, password) else { return Taken::No };
            let (key, now) = (eas::credential_hash(&self.engine, login, "", password), self.engine.now());
            if self.attempts.was_wrong(&key, now) {
                self.metrics.spared_sign_ins.up();
                return Taken::No;
            }
            // One that was right for a phone may have been changed since: a session lives longer than that is believed.
            match self.verify(server, login, &credentials, SocketAddr::new(address, 0)).await {
                Verified::Good => {
                    self.attempts.right(key, now);
                    Taken::Yes
                }
                Verified::Wrong(_) => {
                    self.attempts.wrong(key, now);
                    Taken::No
                }
                Verified::Unknown(_) => Taken::Unknown,
            }
        })
    }
}
