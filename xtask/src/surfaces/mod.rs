//! What a stolen session can destroy, over every surface and through sockets: each surface gets an organization of its
//! own with phones, everything is ordered that it offers, then every phone calls in. What counts is how many phones
//! were really told to wipe.

mod console;
mod orders;

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use simulator::eas::{Device, Version};
use simulator::http::TlsClient;
use simulator::mailserver::{Control, MailServer, Options};

use crate::bench::stage::{Address, PASSWORD, each, moved};
use crate::product::{Installation, Organization};

pub use console::Session;
pub use orders::in_bulk;

/// Users of an organization; their phones are many, because making a password costs on purpose.
const USERS: usize = 4;

/// A phone's record: its id, and the GUID that ISE names it by.
pub type Record = (String, String);

/// A way in which phones could be made to lose their data or their mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    RestOneByOne,
    RestInBulk,
    CiscoIse,
    Console,
    MailServer,
    Ladder,
    UserRemoval,
    DeviceRemoval,
    Disabling,
    /// Accounts made on the server's own command line, which order and try to approve.
    CommandLine,
}

/// All of them, with their names in addresses.
pub const SURFACES: &[(Surface, &str)] = &[
    (Surface::RestOneByOne, "rest-single"),
    (Surface::RestInBulk, "rest-bulk"),
    (Surface::CiscoIse, "cisco-ise"),
    (Surface::Console, "in-console"),
    (Surface::MailServer, "mail-server"),
    (Surface::Ladder, "rule-ladder"),
    (Surface::UserRemoval, "user-removal"),
    (Surface::DeviceRemoval, "device-removal"),
    (Surface::Disabling, "switched-off"),
    (Surface::CommandLine, "command-line"),
];

impl Surface {
    /// Whether it orders wipes; the others only take records away.
    pub fn wipes(self) -> bool {
        !matches!(self, Surface::UserRemoval | Surface::DeviceRemoval | Surface::Disabling)
    }
}

/// An organization with phones that are current.
pub struct Arena {
    pub organization: Organization,
    pub phones: Vec<Device>,
    pub records: Vec<Record>,
    /// Destructive commands that need no second person.
    pub limit: usize,
    /// The mail server behind it, if it has one.
    mail: Option<(MailServer, Control)>,
}

impl Arena {
    /// Sets one up: `slug` with so many phones, in front of a mail server of its own if asked for.
    pub async fn build(installation: &Installation, slug: &str, phones: usize, mail: bool) -> Result<Arena> {
        let organization = installation.organization(slug)?;
        let mail = if mail { Some(mail_server(&organization).await?) } else { None };
        if mail.is_none() {
            for n in 0..USERS {
                organization.user(&format!("u{n}"), PASSWORD).await?;
            }
        }
        let steps = (0..phones).map(|n| {
            let organization = organization.clone();
            async move {
                let user = format!("u{}", n % USERS);
                let mut phone = organization.phone(&user, PASSWORD, n as u64, Version::V14_1)?;
                let handled = phone.connect().await?;
                phone.disconnect();
                ensure!(phone.policy_key != 0, "a phone was not provisioned: {handled:?}");
                Ok(phone)
            }
        });
        let phones = each(steps.collect()).await?;
        let records = records(&organization).await?;
        ensure!(records.len() == phones.len(), "{} of {} phones are known", records.len(), phones.len());
        let limit = organization.rest.get("/approvals/limit").await?["in_force"].as_u64();
        let limit = limit.context("no limit")? as usize;
        Ok(Arena { organization, phones, records, limit, mail })
    }

    /// The phones go to another address from now on; what they were told stays known.
    pub fn move_phones(&mut self, url: &str, tls: Arc<TlsClient>) -> Result<()> {
        let address = Address { url: url.to_owned(), tls: Some(tls) };
        let mut phones = moved(&self.phones, &address, PASSWORD)?;
        for (new, old) in phones.iter_mut().zip(&self.phones) {
            new.wiped = old.wiped;
        }
        self.phones = phones;
        Ok(())
    }

    /// Lets every phone call in; how many have been told to wipe by now.
    pub async fn told_to_wipe(&mut self) -> Result<usize> {
        let steps = std::mem::take(&mut self.phones).into_iter().map(|mut phone| async move {
            // What it is answered is not judged: a phone may be refused, or a stranger by now.
            phone.connect().await?;
            phone.disconnect();
            Ok(phone)
        });
        self.phones = each(steps.collect()).await?;
        Ok(self.phones.iter().filter(|phone| phone.wiped.is_some()).count())
    }
}

async fn mail_server(organization: &Organization) -> Result<(MailServer, Control)> {
    let server = MailServer::start(Options::default()).await?;
    let control = server.control();
    for n in 0..USERS {
        let name = format!("u{n}");
        control.add_user(&name, PASSWORD, &organization.address(&name));
    }
    let url = format!("{}/Microsoft-Server-ActiveSync", server.url());
    organization.server(&url, Value::Null).await?;
    Ok((server, control))
}

async fn records(organization: &Organization) -> Result<Vec<Record>> {
    let (mut records, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = organization.rest.get(&format!("/devices?limit=500{cursor}")).await?;
        let items = page["items"].as_array().context("no list of devices")?;
        let text = |item: &Value, key: &str| item[key].as_str().unwrap_or_default().to_owned();
        records.extend(items.iter().map(|item| (text(item, "id"), text(item, "guid"))));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(records),
        }
    }
}

/// Orders everything that a surface offers.
pub async fn attack(surface: Surface, arena: &Arena, slug: &str, installation: &Installation) -> Result<()> {
    let (organization, records) = (&arena.organization, &arena.records);
    match surface {
        Surface::RestOneByOne => orders::one_by_one(organization, records).await,
        Surface::RestInBulk => in_bulk(organization, records).await,
        Surface::CiscoIse => orders::by_ise(installation, slug, records).await,
        Surface::Console => {
            let mut session = Session::open(installation, slug).await?;
            session.wipe(records).await
        }
        Surface::MailServer => {
            let (_, control) = arena.mail.as_ref().context("no mail server")?;
            for phone in &arena.phones {
                let user = phone.user.split('@').next().unwrap_or_default();
                control.order_wipe(user, &phone.device_id, simulator::eas::WipeKind::Device);
            }
            Ok(())
        }
        Surface::Ladder => orders::by_ladder(organization, records.len()).await,
        Surface::UserRemoval => orders::remove_users(organization, records.len() / USERS, arena.limit).await,
        Surface::DeviceRemoval => orders::remove_devices(organization, records, arena.limit).await,
        Surface::CommandLine => orders::by_new_accounts(installation, organization, slug, records).await,
        Surface::Disabling => {
            let mut session = Session::open(installation, slug).await?;
            let held = session.disable(slug).await?;
            ensure!(held, "disabling an organization with many devices was not held");
            let limits = organization.rest.get("/approvals").await?;
            ensure!(limits["total"] == json!(1), "it does not wait: {limits}");
            Ok(())
        }
    }
}

/// Attacks over one surface and lets every phone call in, twice: what the mail server orders is known by then. How many
/// were told to wipe, and how many might be.
pub async fn run(
    installation: &Installation,
    surface: Surface,
    slug: &str,
    phones: usize,
) -> Result<(usize, usize, Arena)> {
    let mut arena = Arena::build(installation, slug, phones, surface == Surface::MailServer).await?;
    attack(surface, &arena, slug, installation).await?;
    arena.told_to_wipe().await?;
    let wiped = arena.told_to_wipe().await?;
    let most = if surface.wipes() { arena.limit } else { 0 };
    ensure!(wiped <= most, "{slug}: {wiped} phones were told to wipe, {most} may be");
    ensure!(wiped == most, "{slug}: only {wiped} of {most} were told to wipe: the surface was not reached");
    Ok((wiped, most, arena))
}
