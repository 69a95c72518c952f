//! Filling an empty demo: through the same use cases that the console calls.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use catalog::{CommandKind, FactValue, Liability, RuleId, Target};
use domain::model::{
    GovernorSettings, GroupSettings, Level, Organization, Restrictions, RoleRef, RuleConfig, ServerId,
    ServerTrust,
};
use engine::administrators::NewAdministrator;
use engine::compliance::AccessEdit;
use engine::devices::DeviceEdit;
use engine::eas::{Admission, Hello};
use engine::groups::GroupInput;
use engine::organizations::NewOrganization;
use engine::policy::SuiteInput;
use engine::servers::ServerInput;
use engine::users::UserInput;
use engine::{
    Engine, Scope, administrators, approvals, commands, devices, eas, groups, organizations, policy, servers,
    sign_in, users,
};
use simulator::dice::Dice;
use simulator::eas::MODELS;

use super::describe::{DemoAdmin, DemoDevice, DemoOrganization, DemoUser, Description, Login};
use super::people::person;

const MAIL_SERVER: &str = "Demo mail server";

/// An organization of the demo: users at the mail server, stand-in users, of which some have no device, phones.
struct Wanted {
    slug: &'static str,
    name: &'static str,
    mail_users: usize,
    stand_in_users: usize,
    without_device: usize,
    phones: usize,
    first_person: usize,
}

/// Makes everything.
pub async fn seed(engine: &Arc<Engine>, mail_url: &str) -> anyhow::Result<Description> {
    println!("Filling the demo …");
    let system = sign_in::command_line(Organization::SYSTEM);
    let system_admin = administrator(engine, &system, "root", "full", false).await?;
    let acme = Wanted {
        slug: "acme",
        name: "Acme Corporation",
        mail_users: 48,
        stand_in_users: 24,
        without_device: 4,
        phones: 180,
        first_person: 0,
    };
    let globex = Wanted {
        slug: "globex",
        name: "Globex",
        mail_users: 0,
        stand_in_users: 24,
        without_device: 2,
        phones: 60,
        first_person: 80,
    };
    let organizations = vec![
        organization(engine, &system, &acme, Some(mail_url)).await?,
        organization(engine, &system, &globex, None).await?,
    ];
    Ok(Description {
        base_url: String::new(),
        ca_pem: "ca.pem".into(),
        system_admin: Login { username: system_admin.username, password: system_admin.password },
        organizations,
    })
}

async fn organization(
    engine: &Arc<Engine>,
    system: &Scope,
    wanted: &Wanted,
    mail_url: Option<&str>,
) -> anyhow::Result<DemoOrganization> {
    let domain = format!("{}.test", wanted.slug);
    let new = NewOrganization {
        slug: wanted.slug.into(),
        name: wanted.name.into(),
        mail_domains: vec![domain.clone()],
        login_domains: vec![wanted.slug.into()],
        host_names: Vec::new(),
    };
    let made = organizations::create(engine, system, new).await.map_err(words)?;
    let scope = sign_in::command_line(made.id);
    let slug = wanted.slug;
    let mut admins = Vec::new();
    for (name, role, ise) in [
        ("admin", "full", false),
        ("helpdesk", "help_desk", false),
        ("auditor", "read_only", false),
        ("ise", "", true),
    ] {
        admins.push(administrator(engine, &scope, &format!("{name}.{slug}"), role, ise).await?);
    }
    let server = match mail_url {
        Some(url) => Some(mail_server(engine, &scope, url).await?),
        None => None,
    };
    suites(engine, &scope).await?;
    rules(engine, &scope).await?;
    let users = people(engine, &scope, wanted, &domain, server).await?;
    groups(engine, &scope).await?;
    let devices = phones(engine, &scope, wanted, &users).await?;
    mark(engine, &scope, &devices).await?;
    Ok(DemoOrganization { slug: slug.into(), domain, admins, users, devices })
}

async fn administrator(
    engine: &Engine,
    scope: &Scope,
    name: &str,
    role: &str,
    ise_admin: bool,
) -> anyhow::Result<DemoAdmin> {
    let password = engine.entropy().password();
    let new = NewAdministrator {
        username: name.into(),
        role: (!role.is_empty()).then(|| RoleRef::Predefined(role.into())),
        ise_admin,
        password: password.clone(),
        ..NewAdministrator::default()
    };
    administrators::create(engine, scope, new).await.map_err(words)?;
    Ok(DemoAdmin { username: name.into(), password, role: role.into(), ise_admin })
}

async fn mail_server(engine: &Engine, scope: &Scope, url: &str) -> anyhow::Result<ServerId> {
    let input = ServerInput {
        name: MAIL_SERVER.into(),
        url: url.into(),
        trust: ServerTrust::Plain,
        login_form: domain::model::LoginForm::User,
        quarantine: false,
        ..ServerInput::default()
    };
    servers::create(engine, scope, input).await.map_err(words)
}

/// The mail server takes another port at every start.
pub async fn point_to_mail_server(engine: &Engine, url: &str) -> anyhow::Result<()> {
    for organization in engine.directory().organizations() {
        let scope = sign_in::command_line(organization.id);
        for server in servers::list(engine, &scope).map_err(words)? {
            if server.name == MAIL_SERVER && server.url != url {
                let input = ServerInput {
                    name: server.name.clone(),
                    url: url.into(),
                    trust: ServerTrust::Plain,
                    login_form: server.login_form,
                    quarantine: server.quarantine,
                    hands_off: server.hands_off,
                    ..ServerInput::default()
                };
                servers::edit(engine, &scope, server.id, input).await.map_err(words)?;
            }
        }
    }
    Ok(())
}

async fn suites(engine: &Engine, scope: &Scope) -> anyhow::Result<()> {
    for (name, template, description) in [
        (
            "Field staff",
            "strict",
            "Phones that carry customer data: long pass-code, encryption, no storage card.",
        ),
        ("Contractors", "low", "A pass-code, and nothing else."),
    ] {
        let input = SuiteInput {
            name: name.into(),
            description: description.into(),
            draft: None,
            template: Some(template.into()),
        };
        let id = policy::create(engine, scope, input).await.map_err(words)?;
        policy::publish(engine, scope, id, "First publication").await.map_err(words)?;
    }
    Ok(())
}

/// Rules that the simulated phones now and then break.
async fn rules(engine: &Engine, scope: &Scope) -> anyhow::Result<()> {
    // Who is not encrypted has three days: something to see under "About to be restricted".
    let edits = restricting(&[
        (RuleId::NoContact, 0),
        (RuleId::AuthFailures, 0),
        (RuleId::NotEncrypted, 3 * 24 * 60),
    ]);
    engine::compliance::edit_access(engine, scope, edits).await.map_err(words)
}

/// Edits after which these rules, and no others, keep devices out of the network, each after so many minutes.
fn restricting(rules: &[(RuleId, u32)]) -> Vec<AccessEdit> {
    let on = |(rule, grace): &(RuleId, u32)| AccessEdit::Rule {
        rule: *rule,
        config: Some(RuleConfig {
            on: true,
            params: Default::default(),
            unknown_is_violation: false,
            grace_minutes: *grace,
            remediation: None,
        }),
    };
    let ticks = rules.iter().map(|(rule, _)| (*rule, [Target::NetworkAccess].into())).collect();
    let ticks = AccessEdit::Level { level: Level::Organization, restrictions: Some(Restrictions(ticks)) };
    rules.iter().map(on).chain([ticks]).collect()
}

async fn people(
    engine: &Arc<Engine>,
    scope: &Scope,
    wanted: &Wanted,
    domain: &str,
    server: Option<ServerId>,
) -> anyhow::Result<Vec<DemoUser>> {
    let count = wanted.mail_users + wanted.stand_in_users;
    let suites = policy::list(engine, scope).map_err(words)?;
    let mut made = Vec::with_capacity(count);
    for n in 0..count {
        let (username, display_name) = person(wanted.first_person + n);
        let at_server = n >= wanted.stand_in_users;
        let password = engine.entropy().password();
        let email = format!("{username}@{domain}");
        let input = UserInput {
            username: username.clone(),
            email: email.clone(),
            display_name,
            liability: (n % 5 == 0).then_some(Liability::Individual),
            server: server.filter(|_| at_server),
            suite: (n % 6 == 1)
                .then(|| suites.iter().find(|(s, _)| s.name == "Field staff").map(|(s, _)| s.id))
                .flatten(),
            password: if at_server { String::new() } else { password.clone() },
            ..UserInput::default()
        };
        users::create(engine, scope, input).await.map_err(words)?;
        let mail = if at_server { MAIL_SERVER } else { "stand-in" };
        made.push(DemoUser { username, password, email, mail: mail.into() });
    }
    Ok(made)
}

/// Two groups with a suite each, and some people in both.
async fn groups(engine: &Engine, scope: &Scope) -> anyhow::Result<()> {
    let suites = policy::list(engine, scope).map_err(words)?;
    let suite = |name: &str| suites.iter().find(|(s, _)| s.name == name).map(|(s, _)| s.id);
    let everybody = users::list(engine, scope, "", None, 200).map_err(words)?;
    for (name, note, suite, every) in [
        ("Sales", "Phones that travel with customer data.", suite("Field staff"), 4),
        ("Contractors", "People of other companies, until their contract ends.", suite("Contractors"), 7),
    ] {
        let settings = GroupSettings { suite, ..GroupSettings::default() };
        let input = GroupInput { name: name.into(), note: note.into(), settings };
        let id = groups::create(engine, scope, input).await.map_err(words)?;
        let members: Vec<_> = everybody.iter().step_by(every).map(|user| user.id).collect();
        groups::change_members(engine, scope, id, &members, &[]).await.map_err(words)?;
    }
    Ok(())
}

/// Records of the phones; the phones themselves then provision over the network.
async fn phones(
    engine: &Arc<Engine>,
    scope: &Scope,
    wanted: &Wanted,
    users: &[DemoUser],
) -> anyhow::Result<Vec<DemoDevice>> {
    let mut dice = Dice::new(wanted.first_person as u64 + 7);
    let owners = &users[wanted.without_device.min(users.len())..];
    let mut made = Vec::with_capacity(wanted.phones);
    for (n, user) in owners.iter().cycle().take(wanted.phones).enumerate() {
        let models = MODELS.len() as u64;
        let model = &MODELS[dice.below(models).min(dice.below(models)) as usize];
        let device_id = model.device_id((wanted.first_person * 1000 + n) as u64);
        let login = eas::resolve(engine, None, &user.email).context("a demo user is not found")?;
        let hello = Hello {
            device_id: device_id.clone(),
            device_type: model.device_type.into(),
            user_agent: model.user_agent.into(),
            version: model.version.to_string(),
            from: None,
        };
        let Admission::Device(device) = eas::admit(engine, &login, &hello).await.map_err(words)? else {
            return Err(anyhow!("a demo device was not admitted"));
        };
        let mac = format!("0026B4{:06X}", (wanted.first_person as u64) << 12 | n as u64);
        let mut facts = std::collections::BTreeMap::new();
        facts.insert(
            "serial_number".to_owned(),
            Some(FactValue::Text(format!("R5C{:08X}", dice.below(u64::from(u32::MAX))))),
        );
        facts.insert("disk_encryption_on".to_owned(), Some(FactValue::Bool(n % 9 != 0)));
        let edit = DeviceEdit { macs: Some(vec![mac.clone()]), facts, ..DeviceEdit::default() };
        devices::edit(engine, scope, device.id, edit).await.map_err(words)?;
        made.push(DemoDevice {
            id: device.id.to_string(),
            guid: device.guid.to_string(),
            platform: device.platform.key().into(),
            user: user.username.clone(),
            eas_device_id: device_id,
            macs: vec![mac],
            compliant: true,
            model: model.key.into(),
            simulated: true,
        });
    }
    Ok(made)
}

/// A few devices to talk about.
async fn mark(engine: &Engine, scope: &Scope, made: &[DemoDevice]) -> anyhow::Result<()> {
    for (n, note) in
        [(3, "Lost in the airport, reported by phone."), (17, "Sold; waiting for the employee to confirm.")]
    {
        if let Some(device) = made.get(n) {
            let order =
                commands::Order { device: device.id.parse()?, kind: CommandKind::Block, note: note.into() };
            commands::order(engine, scope, order).await.map_err(words)?;
        }
    }
    // Something to see under Approvals: raising the limit, and taking the network at once.
    let raised = GovernorSettings { limit: Some(20), ..GovernorSettings::default() };
    held(approvals::edit_limits(engine, scope, raised).await)?;
    let strict = restricting(&[(RuleId::NoContact, 0), (RuleId::AuthFailures, 0), (RuleId::NotEncrypted, 0)]);
    held(engine::compliance::edit_access(engine, scope, strict).await)
}

fn held(outcome: engine::Result<()>) -> anyhow::Result<()> {
    match outcome {
        Ok(()) | Err(engine::Error::Held(_)) => Ok(()),
        Err(error) => Err(words(error)),
    }
}

/// Brings what changes by itself up to date.
pub fn refresh(engine: &Engine, description: &mut Description) {
    for organization in &mut description.organizations {
        let Some(org) =
            engine.directory().by_slug(&organization.slug).and_then(|id| engine.directory().organization(id))
        else {
            continue;
        };
        let org = org.read();
        for device in &mut organization.devices {
            if let Some(found) = device.id.parse().ok().and_then(|id| org.devices.get(id)) {
                device.compliant = found.verdict.allows(Target::NetworkAccess);
                device.macs.clone_from(&found.macs);
            }
        }
    }
}

fn words(error: engine::Error) -> anyhow::Error {
    anyhow!("{error}")
}
