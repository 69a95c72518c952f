//! How long the index takes to fill: `cold_start DIR [DEVICES]`.
//!
//! The first run seeds an SQLite database in DIR with phones that have provisioned and told what they are, two for
//! each user; every run then opens the engine five times on it, as a server does at its start, and prints the times.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use domain::model::{Organization, OrganizationId};
use engine::eas::{self, Admission, Hello};
use engine::organizations::NewOrganization;
use engine::users::UserInput;
use engine::{Engine, Options, Scope, SystemClock, organizations, sign_in, users};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use store::{Location, SecretKey, Store};

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Units in flight while seeding, so that the store batches them.
const AT_ONCE: usize = 512;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().ok_or("usage: cold_start DIR [DEVICES]")?);
    let devices: usize = arguments.next().map_or(Ok(100_000), |number| number.parse())?;
    if !directory.join("notifymdm.db").exists() {
        let started = Instant::now();
        seed(&*open(&directory).await?, devices).await?;
        println!("seeded {devices} devices in {:.1} s", started.elapsed().as_secs_f64());
    }
    for _ in 0..5 {
        let started = Instant::now();
        let engine = open(&directory).await?;
        let millis = started.elapsed().as_millis();
        let known: usize = engine.directory().all().iter().map(|org| org.read().devices.len()).sum();
        println!("store opened and index of {known} devices filled in {millis} ms");
    }
    Ok(())
}

async fn open(directory: &std::path::Path) -> Outcome<Arc<Engine>> {
    let secret_key = SecretKey::from_bytes(&[7; 32])?;
    let location = Location::Sqlite(directory.to_owned());
    let store = Store::open(store::Options::new(location, secret_key.clone())).await?;
    Ok(Engine::open(Options { store, clock: Arc::new(SystemClock::default()), secret_key }).await?)
}

async fn seed(engine: &Engine, devices: usize) -> Outcome {
    let new = NewOrganization {
        slug: "acme".into(),
        name: "Acme".into(),
        mail_domains: vec!["acme.test".into()],
        login_domains: Vec::new(),
        host_names: Vec::new(),
    };
    let organization =
        organizations::create(engine, &sign_in::command_line(Organization::SYSTEM), new).await?.id;
    let scope = sign_in::command_line(organization);
    let people: Vec<_> = (0..devices.div_ceil(2)).map(|number| person(engine, &scope, number)).collect();
    stream::iter(people).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await?;
    let phones: Vec<_> = (0..devices).map(|number| phone(engine, organization, number)).collect();
    stream::iter(phones).buffer_unordered(AT_ONCE).try_collect::<Vec<()>>().await.map(drop)
}

async fn person(engine: &Engine, scope: &Scope, number: usize) -> Outcome {
    let input = UserInput {
        username: format!("user{number}"),
        email: format!("user{number}@acme.test"),
        display_name: format!("Person number {number}"),
        ..UserInput::default()
    };
    users::create(engine, scope, input).await?;
    Ok(())
}

/// A phone from its first contact to its final key.
async fn phone(engine: &Engine, organization: OrganizationId, number: usize) -> Outcome {
    let login = eas::resolve(engine, None, &format!("user{}@acme.test", number / 2)).ok_or("nobody")?;
    let hello = Hello {
        device_id: format!("APPLDN{number:08}"),
        device_type: "iPhone".into(),
        user_agent: "Apple-iPhone14C2/2106.88".into(),
        version: "16.1".into(),
        from: None,
    };
    let Admission::Device(device) = eas::admit(engine, &login, &hello).await? else {
        return Err("a device was not admitted".into());
    };
    let said = [
        ("model", "iPhone 13 mini".to_owned()),
        ("friendly_name", format!("Phone {number}")),
        ("os", "iOS 17.2.1 21C66".to_owned()),
        ("imei", format!("35{number:013}")),
        ("phone_number", format!("+49 170 {number:07}")),
        ("os_language", "de-DE".to_owned()),
    ];
    let device = eas::report_device_information(engine, &device, &said).await?;
    let offer = eas::send_policy(engine, &device, "16.1").await?;
    let device = eas::find(engine, organization, device.user, &hello.device_id).ok_or("lost")?;
    eas::acknowledge(engine, &device, &offer.temporary_key.to_string(), 1).await?;
    let credential = eas::credential_hash(engine, &login, &hello.device_id, "secret");
    eas::heard(engine, &device, &hello, Some(credential)).await?;
    Ok(())
}
