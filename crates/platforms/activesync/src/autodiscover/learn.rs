//! Asking the mail server's own Autodiscover where a user's mailbox is.

use std::sync::Arc;

use clients::mail::discover;
use engine::eas::{self, Login};
use wire_eas::autodiscover::pox::User;

use crate::handler::{ActiveSync, Credentials, Flow};

impl ActiveSync {
    /// Asks, and remembers the address for a known user. `None` if the server is not to be asked or does not answer:
    /// then its own address has to do.
    pub(super) async fn discover_user(
        &self,
        login: &Login,
        credentials: &Credentials,
        email: &str,
    ) -> Option<User> {
        let server = login.server.as_ref().filter(|server| server.use_autodiscover && server.enabled)?;
        let mail = self.gateway.mail(server).ok()?;
        let name = mail.login_name(&login.presented, &login.username);
        let authorization = credentials.header(&name)?;
        match discover(self.gateway.upstreams(), &mail, email, &authorization).await {
            Ok(found) => {
                if let (Some(user), Some(url)) = (&login.user, &found.url) {
                    let learnt = eas::learn_url(&self.engine, user, server.id, url).await;
                    self.grace.learn(&learnt, self.engine.now());
                }
                Some(found.user).filter(|user| !user.email.is_empty())
            }
            Err(error) => {
                tracing::warn!(server = %server.name, %error, "a mail server's Autodiscover was of no use");
                None
            }
        }
    }

    /// At the first contact of a device: users whose phone was set up by hand never asked Autodiscover.
    pub(crate) async fn discover_for(&self, flow: &mut Flow) {
        let unknown = |user: &Arc<domain::model::User>| {
            flow.server().is_none_or(|server| user.learnt_at(server.id).is_none())
        };
        let Some(user) = flow.login.user.clone().filter(unknown) else { return };
        let email = flow.login.email.clone().unwrap_or_else(|| user.email.clone());
        if email.is_empty() || self.discover_user(&flow.login, &flow.credentials, &email).await.is_none() {
            return;
        }
        let org = self.engine.directory().organization(user.organization);
        if let Some(user) = org.and_then(|org| org.read().user(user.id).cloned()) {
            flow.login.user = Some(user);
        }
    }
}
