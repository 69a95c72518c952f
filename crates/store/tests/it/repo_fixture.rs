//! Entities with something in every field, and a store with two organizations.

use catalog::{
    ClientKind, CommandKind, FactValue, Facts, Finding, KnownFact, PERMISSIONS, Params, Permission, Platform,
    Powers, RuleId, Source, Target, TargetSet, Value, Values, fact,
};
use domain::{Id, Millis, model::*};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};
use store::{StoreError, Tx, repo};
use testkit::TestStore;
use uuid::Uuid;

/// The time of all fixtures: 2026-11-01 00:00 UTC.
pub const NOW: Millis = 1_793_491_200_000;

/// A new id; ids grow in the order they are made.
pub fn id<T>() -> Id<T> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    Id::new(NOW + number as i64, &random)
}

/// A store with two organizations, `acme` and `globex`, each with a user `anna`.
pub struct World {
    pub test: TestStore,
    pub acme: OrganizationId,
    pub globex: OrganizationId,
    pub anna: User,
    pub other_anna: User,
}

/// One on each engine.
pub async fn worlds() -> Vec<World> {
    let mut worlds = Vec::new();
    for test in testkit::stores().await {
        let (mut acme, mut globex) = (organization("acme"), organization("globex"));
        let (mut anna, mut other_anna) = (user(acme.id, "Anna"), user(globex.id, "Anna"));
        let world = World {
            test,
            acme: acme.id,
            globex: globex.id,
            anna: User { rev: 1, ..anna.clone() },
            other_anna: User { rev: 1, ..other_anna.clone() },
        };
        world
            .write(acme.id, async move |tx| {
                repo::organizations::put(tx, &mut acme).await?;
                repo::users::put(tx, &mut anna).await
            })
            .await
            .unwrap();
        world
            .write(globex.id, async move |tx| {
                repo::organizations::put(tx, &mut globex).await?;
                repo::users::put(tx, &mut other_anna).await
            })
            .await
            .unwrap();
        worlds.push(world);
    }
    worlds
}

impl World {
    /// A write by the server itself.
    pub async fn write<T, F>(&self, organization: OrganizationId, unit: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: AsyncFnMut(&mut Tx) -> Result<T, StoreError> + Send + 'static,
    {
        self.test.write(organization, Actor::System, unit).await
    }

    /// A read.
    pub async fn read<T, F>(&self, organization: OrganizationId, query: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: AsyncFnMut(&mut Tx) -> Result<T, StoreError> + Send + 'static,
    {
        self.test.read(organization, query).await
    }
}

/// The name of the conflict, or what else came.
pub fn conflict<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Conflict { constraint }) => constraint,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

pub fn organization(slug: &str) -> Organization {
    Organization {
        id: id(),
        rev: 0,
        slug: slug.into(),
        name: format!("{slug} „GmbH“ \\ \0"),
        enabled: true,
        mail_domains: vec![format!("{slug}.test"), format!("mail.{slug}.test")],
        login_domains: vec![slug.into()],
        host_names: vec![format!("mdm.{slug}.test")],
        settings: OrganizationSettings {
            contact: "help@example.test".into(),
            default_suite: Some(id()),
            redirects: RedirectTargets(BTreeMap::from([(Platform::Ios, "https://ios.test".into())])),
            ..OrganizationSettings::default()
        },
        columns: Vec::new(),
        quota: domain::model::Quota::default(),
        terms: None,
        removing: false,
        created_at: NOW,
    }
}

pub fn role(organization: OrganizationId, name: &str) -> Role {
    let powers = Powers::of(&[PERMISSIONS[0].permission, Permission::DevicesFullWipe]);
    Role {
        organization,
        id: id(),
        rev: 0,
        name: name.into(),
        powers,
        override_since: NOW,
        override_running: 7,
    }
}

pub fn administrator(organization: OrganizationId, username: &str, role: Option<RoleRef>) -> Administrator {
    Administrator {
        organization,
        id: id(),
        rev: 0,
        username: username.into(),
        display_name: "Änne".into(),
        email: "a@example.test".into(),
        kind: AdminKind::Organization,
        role,
        ise_admin: true,
        ise_full_wipe: false,
        allowed_networks: vec!["10.0.0.0/8".into()],
        password_hash: PasswordHash("$argon2id$test".into()),
        credential_epoch: 3,
        enabled: true,
        must_change_password: true,
        directory: None,
        second_factor: Some(SecondFactor { secret: Sealed(vec![0, 255, 7]), confirmed: true, last_step: 7 }),
        passkeys: vec![Passkey {
            id: "aWQ".into(),
            name: "Key".into(),
            public_key: "a2V5".into(),
            count: 7,
            backed_up: true,
            created_at: NOW,
            last_used_at: Some(NOW),
            last_challenge_at: NOW,
        }],
        recovery_codes: vec!["07".into()],
        identity: Some(LinkedIdentity {
            provider: id(),
            issuer: "https://id.example.test".into(),
            subject: "7".into(),
            made_by_provider: false,
            last_begun_at: NOW,
        }),
        created_at: NOW,
        entrusted_at: NOW,
        entrusted_running: 7,
        last_sign_in_at: Some(NOW + 1),
    }
}

pub fn token(administrator: &Administrator, hash: u8) -> ApiToken {
    ApiToken {
        acting_in: None,
        organization: administrator.organization,
        id: id(),
        rev: 0,
        name: "ticket system".into(),
        token_hash: vec![hash; 32],
        administrator: administrator.id,
        credential_epoch: administrator.credential_epoch,
        powers: Powers::all(),
        expires_at: NOW + 1000,
        created_at: NOW,
        seen_at: None,
    }
}

pub fn session(administrator: &Administrator, hash: u8) -> Session {
    Session {
        token_hash: vec![hash; 32],
        administrator: administrator.id,
        home: administrator.organization,
        acting_in: None,
        credential_epoch: 3,
        csrf: "form".into(),
        created_at: NOW,
        seen_at: NOW,
        expires_at: NOW + i64::from(hash),
        address: "2001:db8::1".into(),
        user_agent: "Test/1".into(),
        signed_in_with: SignInMethod::Passkey,
        provider: Some(SessionProvider {
            provider: id(),
            session: "sid".into(),
            subject: "u-7".into(),
            proved_at: None,
        }),
    }
}

pub fn user(organization: OrganizationId, username: &str) -> User {
    User {
        organization,
        id: id(),
        rev: 0,
        username: username.into(),
        domain: "ACME".into(),
        email: "anna@acme.test".into(),
        display_name: "Anna".into(),
        liability: Some(Liability::Individual),
        server: None,
        learnt_url: Some("https://mail.test/eas".into()),
        learnt_from: None,
        groups: Vec::new(),
        suite: None,
        schedule: None,
        password_hash: Some(PasswordHash("$argon2id$test".into())),
        credential_epoch: 1,
        state: UserState::Active,
        hands_off: true,
        first_name: "Anna".into(),
        last_name: "Muster".into(),
        phone: "+41 44 000 00 00".into(),
        shared: false,
        max_devices: Some(3),
        external_id: "e-1".into(),
        provisioned_as: "anna@acme.test".into(),
        language: "de".into(),
        custom: domain::model::CustomValues::new(),
        directory: None,
        identity: None,
        accepted: Vec::new(),
        created_at: NOW,
    }
}

pub fn enrollment_token(owner: &User, number: u8) -> EnrollmentToken {
    EnrollmentToken {
        organization: owner.organization,
        id: id(),
        rev: 0,
        user: owner.id,
        origin: TokenOrigin::Letter,
        token_hash: vec![number; 32],
        pin_hash: Some(PasswordHash("$argon2id$test".into())),
        attempts: 2,
        created_at: NOW,
        expires_at: NOW + 9,
        end: None,
    }
}

pub fn server(organization: OrganizationId, name: &str) -> ActiveSyncServer {
    ActiveSyncServer {
        organization,
        id: id(),
        rev: 0,
        name: name.into(),
        url: "https://mail.test/Microsoft-Server-ActiveSync".into(),
        trust: ServerTrust::Roots("-----BEGIN CERTIFICATE-----\n".into()),
        login_form: LoginForm::DomainUser,
        login_domain: "ACME".into(),
        mail_domains: vec!["acme.test".into()],
        use_autodiscover: true,
        autodiscover_url: String::new(),
        redirect_hosts: vec!["*.mail.test".into()],
        hands_off: true,
        quarantine: true,
        versions: ("12.1".into(), "16.1".into()),
        block_form: BlockForm::Status129,
        acknowledge: WipeAckStatus::External,
        bearer: true,
        max_body: u64::MAX,
        enabled: true,
    }
}

pub fn suite(organization: OrganizationId, name: &str) -> PolicySuite {
    PolicySuite {
        organization,
        id: id(),
        rev: 0,
        name: name.into(),
        description: "for all".into(),
        draft: values(4),
        published: None,
        created_at: NOW,
    }
}

pub fn schedule(organization: OrganizationId, name: &str) -> Schedule {
    Schedule {
        organization,
        id: id(),
        rev: 0,
        name: name.into(),
        description: "Nights \0".into(),
        zone: ScheduleZone::Named("Asia/Kathmandu".into()),
        corporate: ScheduleHalf::default(),
        individual: ScheduleHalf { roaming: RoamingMode::Manual, low_battery: 15, ..ScheduleHalf::default() },
        created_at: NOW,
    }
}

pub fn values(length: i64) -> SuiteValues {
    let corporate = BTreeMap::from([
        ("password.minimum_length".to_owned(), Value::Int(length)),
        ("unset".to_owned(), Value::Unset),
        ("list".to_owned(), Value::List(vec!["a".into()])),
    ]);
    SuiteValues { corporate: Values(corporate), individual: Values::default() }
}

pub fn revision(number: i64) -> PolicyRevision {
    PolicyRevision {
        number,
        values: values(number + 4),
        published_at: NOW + number,
        published_by: "administrator anna".into(),
        note: "stricter".into(),
    }
}

pub fn device(user: &User, number: i64) -> Device {
    let mut facts = Facts::default();
    for (key, value) in
        [("os_version", FactValue::Text("17.4".into())), ("imei", FactValue::Text("49".into()))]
    {
        let known = KnownFact { value, source: Source::Integration("nac".into()), at: NOW };
        facts.set(fact(key).expect("a fact of the catalogue"), known);
    }
    let finding = FindingRecord {
        rule: RuleId::NoContact,
        finding: Finding {
            detail: "gone".into(),
            evidence: vec!["last".into()],
            since: Some(NOW),
            until: Some(NOW + 5),
        },
        since: NOW,
        restricts_at: NOW + 5,
        closes: TargetSet::from([Target::NetworkAccess, Target::Wifi]),
        level: Level::Platform(Platform::Ios),
        remediation: Some(DueRemediation {
            command: CommandKind::AccountWipe,
            at: NOW + 8,
            ordered_at: Some(NOW + 9),
        }),
    };
    let closed = Closed {
        targets: Target::NetworkAccess.into(),
        rules: vec![RuleId::NoContact],
        level: Level::Platform(Platform::Ios),
        since: NOW,
    };
    let command = id();
    Device {
        organization: user.organization,
        id: id(),
        rev: 0,
        guid: guid(number),
        number,
        user: user.id,
        name: "Anna's phone".into(),
        liability: Some(Liability::Corporate),
        platform: Platform::Ios,
        client: ClientKind::default(),
        state: DeviceState::Enrolled,
        state_since: NOW,
        block: Some(Block { since: NOW, reason: "lost\0".into(), by: "anna".into() }),
        suite: None,
        schedule: None,
        macs: vec![format!("0026B4{number:06}"), "AABBCCDDEEFF".into()],
        facts,
        verdict: Verdict { findings: vec![finding], closed: vec![closed], next_look: Some(NOW + 9), at: NOW },
        aliases: vec![guid(number + 1_000_000)],
        custom: domain::model::CustomValues::new(),
        site: None,
        channels: vec![Channel {
            id: id(),
            kind: ChannelKind::Activesync,
            external_id: format!("ApplÄ{number}"),
            eas: EasState {
                device_type: "iPhone".into(),
                version: "16.1".into(),
                sent: Some(SentPolicy {
                    temporary_key: u32::MAX,
                    digest: "d".into(),
                    suite: Some((id(), 3)),
                    at: NOW,
                }),
                wipe: Some(WipeState { kind: WipeKind::Account, command, sent_at: None }),
                last_credential: Some(vec![1, 2, 3]),
                ..EasState::default()
            },
        }],
        created_at: NOW,
        enrolled_at: Some(NOW),
        last_contact_at: None,
    }
}

/// A GUID that follows from a number.
pub fn guid(number: i64) -> Uuid {
    Uuid::from_u64_pair(0x1111_2222_3333_4444, 0x8000_0000_0000_0000 | number as u64)
}

pub fn command(device: &Device, kind: CommandKind, ordered_at: Millis) -> OrderedCommand {
    OrderedCommand {
        organization: device.organization,
        id: id(),
        rev: 0,
        device: device.id,
        kind,
        state: CommandState::Queued,
        reason: "ordered".into(),
        next: "the device's next contact".into(),
        next_at: None,
        ordered_by: Actor::Ise(id(), "ise".into()),
        origin: Origin::Ise,
        note: "lost".into(),
        ordered_at,
        approved_by: Some(Actor::CommandLine),
        sent_at: None,
        finished_at: None,
        relay_back: Some((WipeKind::Device, 2)),
    }
}

pub fn access(organization: OrganizationId, user: UserId, device: DeviceId) -> AccessConfig {
    let ticks = BTreeMap::from([(RuleId::NoContact, Target::NetworkAccess.into())]);
    let rule = RuleConfig {
        on: true,
        params: Params(BTreeMap::from([("hours".to_owned(), Value::Int(4))])),
        unknown_is_violation: true,
        grace_minutes: 60,
        remediation: Some(Remediation { command: CommandKind::FullWipe, after_minutes: 90 }),
    };
    AccessConfig {
        organization,
        rev: 0,
        rules: BTreeMap::from([(RuleId::NoContact, rule)]),
        levels: vec![
            (Level::Organization, Restrictions(ticks.clone())),
            (Level::Platform(Platform::Android), Restrictions::default()),
            (Level::User(user), Restrictions(ticks)),
        ],
        exceptions: vec![(
            Level::Device(device),
            Exception {
                kind: ExceptionKind::Never,
                expires_at: Some(NOW),
                note: "board".into(),
                by: "anna".into(),
            },
        )],
    }
}
