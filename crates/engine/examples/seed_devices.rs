//! Fills an empty store with an organization of many devices, for benchmarks and proofs:
//! `seed_devices DIR DEVICES USERS [--upstream URL] [--database URL]`.
//!
//! Everything goes through the use cases that the console calls, many at a time, so that the store batches them. The
//! devices are Android phones with a MAC address each (`02` and the number), known by hand, none of them compliant for
//! Cisco ISE: their operating system is not known to be new enough. USERS stand-in users `u1`, `u2` … have a
//! password; with an upstream there are as many users `m1`, `m2` … at that mail server. Prints one line of JSON with
//! what a client needs: a REST token, the ISE Admin account, passwords, the default suite.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use catalog::{Params, Platform, RuleId, Target, Value};
use domain::model::{
    GovernorSettings, Level, LoginForm, Organization, Restrictions, RoleRef, RuleConfig, ServerTrust, UserId,
};
use engine::administrators::NewAdministrator;
use engine::compliance::{AccessEdit, edit_access};
use engine::devices::NewDevice;
use engine::organizations::NewOrganization;
use engine::servers::ServerInput;
use engine::sign_in::Caller;
use engine::tokens::NewToken;
use engine::users::UserInput;
use engine::{
    Engine, Scope, SystemClock, administrators, approvals, devices, organizations, policy, servers, sign_in,
    tokens, users,
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value as Json, json};
use store::{Location, SecretKey, Store};

type Failure = Box<dyn std::error::Error>;

const DOMAIN: &str = "bench.test";
/// Owners of the devices that are known by hand.
const OWNERS: usize = 1_000;
/// Use cases on the way at a time: some batches of the store.
const AT_ONCE: usize = 1_024;

struct Wanted {
    directory: PathBuf,
    devices: usize,
    users: usize,
    upstream: Option<String>,
    database: Option<String>,
}

fn main() -> Result<(), Failure> {
    let wanted = arguments()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("{}", runtime.block_on(seed(&wanted))?);
    Ok(())
}

fn arguments() -> Result<Wanted, Failure> {
    let usage = || "usage: seed_devices DIR DEVICES USERS [--upstream URL] [--database URL]";
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next();
    let directory = next().ok_or_else(usage)?.into();
    let devices = next().ok_or_else(usage)?.parse()?;
    let users = next().ok_or_else(usage)?.parse()?;
    let mut wanted = Wanted { directory, devices, users, upstream: None, database: None };
    while let Some(option) = next() {
        match option.as_str() {
            "--upstream" => wanted.upstream = Some(next().ok_or_else(usage)?),
            "--database" => wanted.database = Some(next().ok_or_else(usage)?),
            _ => return Err(usage().into()),
        }
    }
    Ok(wanted)
}

async fn seed(wanted: &Wanted) -> Result<Json, Failure> {
    let engine = open(wanted).await?;
    let new = NewOrganization {
        slug: "bench".into(),
        name: "Bench".into(),
        mail_domains: vec![DOMAIN.into()],
        login_domains: vec!["bench".into()],
        host_names: vec!["bench.test".into()],
    };
    let made = organizations::create(&engine, &sign_in::command_line(Organization::SYSTEM), new).await?;
    let scope = sign_in::command_line(made.id);
    // Benchmarks change what all devices may do; that is not to wait for a second administrator.
    let limits = GovernorSettings { limit: Some(1_000_000), ..GovernorSettings::default() };
    approvals::edit_limits(&engine, &scope, limits).await?;
    let token = token(&engine, &scope).await?;
    let ise = administrator(&engine, &scope, "ise.bench", None).await?;
    none_is_compliant(&engine, &scope).await?;
    let password = engine.entropy().password();
    let stand_in =
        people(&engine, &scope, "u", wanted.users, |user| user.password.clone_from(&password)).await?;
    let mut at_server = Vec::new();
    if let Some(url) = &wanted.upstream {
        let input = ServerInput {
            name: "Mail".into(),
            url: url.clone(),
            trust: ServerTrust::Plain,
            login_form: LoginForm::User,
            ..ServerInput::default()
        };
        let server = servers::create(&engine, &scope, input).await?;
        at_server = people(&engine, &scope, "m", wanted.users, |user| user.server = Some(server)).await?;
    }
    known_by_hand(&engine, &scope, wanted.devices).await?;
    let suites = policy::list(&engine, &scope)?;
    Ok(json!({
        "organization": made.id.to_string(),
        "token": token,
        "ise": { "username": "ise.bench", "password": ise },
        "password": password,
        "users": stand_in.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "mail_users": at_server.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        "user_ids": stand_in.iter().map(|(_, id)| id.to_string()).collect::<Vec<_>>(),
        "suites": suites.iter().map(|(suite, _)| suite.id.to_string()).collect::<Vec<_>>(),
    }))
}

async fn open(wanted: &Wanted) -> Result<Arc<Engine>, Failure> {
    std::fs::create_dir_all(&wanted.directory)?;
    let key = SecretKey::open(&wanted.directory)?;
    let location = match &wanted.database {
        Some(url) => Location::Postgres(url.clone()),
        None => Location::Sqlite(wanted.directory.clone()),
    };
    let store = Store::open(store::Options::new(location, key.clone())).await?;
    Ok(Engine::open(engine::Options { store, clock: Arc::new(SystemClock::default()), secret_key: key })
        .await?)
}

async fn administrator(
    engine: &Engine,
    scope: &Scope,
    name: &str,
    role: Option<RoleRef>,
) -> Result<String, Failure> {
    let password = engine.entropy().password();
    let ise_admin = role.is_none();
    let new = NewAdministrator {
        username: name.into(),
        role,
        ise_admin,
        password: password.clone(),
        ..NewAdministrator::default()
    };
    administrators::create(engine, scope, new).await?;
    Ok(password)
}

/// A REST token with all the power of an administrator with the full role.
async fn token(engine: &Engine, scope: &Scope) -> Result<String, Failure> {
    let password =
        administrator(engine, scope, "admin.bench", Some(RoleRef::Predefined("full".into()))).await?;
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let caller = Caller { address, user_agent: "seed_devices".into() };
    let (cookie, _) = sign_in::sign_in(engine, "admin.bench", &password, &caller).await?;
    let session = sign_in::scope_of_session(engine, &cookie, address).await?;
    let new =
        NewToken { name: "Bench".into(), powers: session.powers().clone(), days: 30, code: String::new() };
    Ok(tokens::create(engine, &session, new).await?.1)
}

/// A rule that no device of unknown system meets, and its tick for the network.
async fn none_is_compliant(engine: &Engine, scope: &Scope) -> Result<(), Failure> {
    let config = RuleConfig {
        on: true,
        params: Params([("android".to_owned(), Value::Text("99".to_owned()))].into()),
        unknown_is_violation: true,
        grace_minutes: 0,
        remediation: None,
    };
    let mut ticks = Restrictions::default();
    ticks.0.insert(RuleId::OsBelowMinimum, [Target::NetworkAccess].into());
    let edits = vec![
        AccessEdit::Rule { rule: RuleId::OsBelowMinimum, config: Some(config) },
        AccessEdit::Level { level: Level::Organization, restrictions: Some(ticks) },
    ];
    Ok(edit_access(engine, scope, edits).await?)
}

async fn people(
    engine: &Arc<Engine>,
    scope: &Scope,
    prefix: &str,
    count: usize,
    complete: impl Fn(&mut UserInput),
) -> Result<Vec<(String, UserId)>, Failure> {
    let inputs: Vec<UserInput> = (1..=count)
        .map(|n| {
            let username = format!("{prefix}{n}");
            let mut input =
                UserInput { email: format!("{username}@{DOMAIN}"), username, ..UserInput::default() };
            complete(&mut input);
            input
        })
        .collect();
    stream::iter(inputs)
        .map(|input| async move {
            let name = input.email.clone();
            Ok((name, users::create(engine, scope, input).await?.id))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn known_by_hand(engine: &Arc<Engine>, scope: &Scope, count: usize) -> Result<(), Failure> {
    let owners = people(engine, scope, "owner", OWNERS.min(count), |_| {}).await?;
    stream::iter(0..count)
        .map(|n| {
            let new = NewDevice {
                user: owners[n % owners.len()].1,
                name: format!("Phone {n}"),
                platform: Platform::Android,
                liability: None,
                macs: vec![format!("02{n:010X}")],
                facts: BTreeMap::new(),
            };
            async move { devices::create(engine, scope, new).await.map(drop) }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await?;
    Ok(())
}
