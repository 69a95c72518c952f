//! Every way through the gate, and what holds for all of them.

use catalog::{Millis, RuleId, Target};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::model::{
    AppliedPolicy, Block, Closed, CommandId, DeviceState, EasState, Level, UserState, Verdict, WipeKind,
    WipeState,
};

const NOW: Millis = 1_000_000_000;
const KEY: u32 = 77;

/// A device in order: enrolled, current, compliant.
#[derive(Debug)]
struct Phone {
    state: DeviceState,
    block: Option<Block>,
    eas: EasState,
    verdict: Verdict,
}

impl Phone {
    fn new() -> Self {
        let applied =
            AppliedPolicy { key: KEY, digest: "now".into(), suite: None, status: 1, at: NOW - 1_000 };
        Phone {
            state: DeviceState::Enrolled,
            block: None,
            eas: EasState { applied: Some(applied), ..EasState::default() },
            verdict: Verdict::default(),
        }
    }
    fn wipe(mut self, kind: WipeKind) -> Self {
        self.eas.wipe = Some(WipeState { kind, command: CommandId::from_uuid(Uuid::nil()), sent_at: None });
        self
    }
    fn blocked(mut self) -> Self {
        self.block = Some(Block { since: 5, reason: "lost".into(), by: "anna".into() });
        self
    }
    fn restricted(mut self, rules: &[RuleId]) -> Self {
        let targets = Target::ActivesyncConnections.into();
        let closed = Closed { targets, rules: rules.to_vec(), level: Level::Organization, since: 6 };
        self.verdict.closed = vec![closed];
        self
    }
    fn view(&self) -> DeviceView<'_> {
        DeviceView { state: self.state, block: self.block.as_ref(), eas: &self.eas, verdict: &self.verdict }
    }
    fn sync(&self) -> GateInput<'_> {
        GateInput {
            command: GateCommand::Other,
            policy_key: Some(KEY),
            account_wipe: true,
            authentication: Authentication::Verified,
            organization_enabled: true,
            user: UserState::Active,
            device: Some(self.view()),
            wanted_digest: "now",
            policy_refresh_hours: 0,
            allow_non_provisionable: false,
            ignored_provisions: 0,
            ignoring_since: None,
            handshakes: &[],
            braked: 0,
            now: NOW,
        }
    }
    fn provision(&self) -> GateInput<'_> {
        GateInput { command: GateCommand::Provision, policy_key: None, ..self.sync() }
    }
}

fn refusal(gate: Gate) -> &'static str {
    match gate {
        Gate::Refuse(reason) => reason.key(),
        Gate::Serve => "served",
        Gate::Authenticate => "authenticate",
        Gate::Admit => "admit",
        Gate::WipeNow { .. } => "wipe",
        Gate::NeedProvision(ProvisionReason::NotProvisioned) => "142",
        Gate::NeedProvision(ProvisionReason::PolicyRefresh) => "143",
        Gate::NeedProvision(ProvisionReason::InvalidKey) => "144",
    }
}

#[test]
fn a_device_in_order_is_served() {
    let phone = Phone::new();
    assert_eq!(decide(&phone.sync()), Gate::Serve);
    assert_eq!(decide(&phone.provision()), Gate::Serve);
}

#[test]
fn options_needs_nothing() {
    let phone = Phone::new().blocked();
    let input =
        GateInput { command: GateCommand::Options, authentication: Authentication::Pending, ..phone.sync() };
    assert_eq!(decide(&input), Gate::Serve);
}

#[test]
fn each_row_of_the_refusal_table() {
    let phone = Phone::new();
    let keyed = |key| decide(&GateInput { policy_key: key, ..phone.sync() });
    assert_eq!(refusal(keyed(None)), "142");
    assert_eq!(refusal(keyed(Some(0))), "142");
    assert_eq!(refusal(keyed(Some(KEY + 1))), "144");
    assert_eq!(refusal(decide(&GateInput { wanted_digest: "new", ..phone.sync() })), "143");
    assert_eq!(refusal(decide(&GateInput { user: UserState::Disabled, ..phone.sync() })), "user_disabled");
    let off = GateInput { organization_enabled: false, ..phone.sync() };
    assert_eq!(refusal(decide(&off)), "organization_disabled");
    let enabled_again = Phone::new().restricted(&[RuleId::UserDisabled]);
    assert_eq!(refusal(decide(&enabled_again.sync())), "served", "the verdict is older");
    assert_eq!(refusal(decide(&Phone::new().blocked().sync())), "blocked");
    assert_eq!(refusal(decide(&Phone::new().restricted(&[RuleId::NoContact]).sync())), "restricted");
    for (state, expected) in [
        (DeviceState::Quarantined, "quarantined"),
        (DeviceState::Wiped, "wiped"),
        (DeviceState::Retired, "retired"),
    ] {
        let phone = Phone { state, ..Phone::new() };
        assert_eq!(refusal(decide(&phone.sync())), expected);
        assert_eq!(refusal(decide(&phone.provision())), expected);
    }
}

#[test]
fn a_new_device_is_admitted_only_after_its_user_is_known() {
    let phone = Phone::new();
    let new = |authentication| GateInput { device: None, authentication, ..phone.sync() };
    assert_eq!(decide(&new(Authentication::Pending)), Gate::Authenticate);
    assert_eq!(refusal(decide(&new(Authentication::Failed))), "unauthenticated");
    assert_eq!(decide(&new(Authentication::Verified)), Gate::Admit);
    assert_eq!(
        refusal(decide(&GateInput { user: UserState::Disabled, ..new(Authentication::Verified) })),
        "user_disabled"
    );
}

#[test]
fn a_wipe_comes_before_everything_that_could_refuse() {
    let phones = [
        Phone::new().wipe(WipeKind::Device),
        Phone::new().blocked().wipe(WipeKind::Device),
        Phone::new().restricted(&[RuleId::BlockedByHand]).wipe(WipeKind::Device),
        Phone { state: DeviceState::Retired, ..Phone::new() }.wipe(WipeKind::Device),
        Phone { state: DeviceState::Quarantined, ..Phone::new() }.wipe(WipeKind::Device),
    ];
    for phone in &phones {
        for authentication in [Authentication::Verified, Authentication::WipeOnly] {
            let hard = GateInput {
                authentication,
                user: UserState::Disabled,
                organization_enabled: false,
                handshakes: &[NOW; 9],
                ..phone.sync()
            };
            let announce = Gate::WipeNow { kind: WipeKind::Device, step: WipeStep::Announce };
            assert_eq!(decide(&hard), announce);
            let deliver = Gate::WipeNow { kind: WipeKind::Device, step: WipeStep::Deliver };
            assert_eq!(decide(&GateInput { command: GateCommand::Provision, ..hard }), deliver);
        }
    }
}

#[test]
fn a_stranger_gets_no_wipe_and_cannot_acknowledge_one() {
    let phone = Phone::new().blocked().wipe(WipeKind::Device);
    let with = |authentication| decide(&GateInput { authentication, ..phone.provision() });
    assert_eq!(with(Authentication::Pending), Gate::Authenticate);
    assert_eq!(refusal(with(Authentication::Failed)), "unauthenticated");
}

#[test]
fn old_credentials_open_nothing_without_a_wipe() {
    let phone = Phone::new();
    let input = GateInput { authentication: Authentication::WipeOnly, ..phone.sync() };
    assert_eq!(refusal(decide(&input)), "unauthenticated");
}

#[test]
fn an_account_wipe_is_never_made_a_full_one() {
    let phone = Phone::new().wipe(WipeKind::Account);
    let old = GateInput { account_wipe: false, ..phone.provision() };
    assert_eq!(refusal(decide(&old)), "wipe_unsupported");
    let deliver = Gate::WipeNow { kind: WipeKind::Account, step: WipeStep::Deliver };
    assert_eq!(decide(&phone.provision()), deliver);
}

#[test]
fn a_blocked_device_costs_no_authentication() {
    let phone = Phone::new().blocked();
    let input = GateInput { authentication: Authentication::Pending, ..phone.sync() };
    let Gate::Refuse(reason) = decide(&input) else { panic!("not refused") };
    assert_eq!(reason.words(), "An administrator has blocked the device: lost");
}

#[test]
fn an_outdated_policy_can_always_be_fetched() {
    let phone = Phone::new().restricted(&[RuleId::PolicyOutOfDate]);
    assert_eq!(refusal(decide(&GateInput { wanted_digest: "new", ..phone.sync() })), "143");
    assert_eq!(decide(&GateInput { wanted_digest: "new", ..phone.provision() }), Gate::Serve);
    assert_eq!(decide(&phone.sync()), Gate::Serve, "the handshake is newer than the verdict");
}

#[test]
fn a_refused_policy_stops_the_device_until_another_is_wanted() {
    let mut phone = Phone::new().restricted(&[RuleId::PolicyRefused]);
    phone.eas.refused_at = Some(NOW - 500);
    phone.eas.refused_digest = Some("new".into());
    assert_eq!(refusal(decide(&GateInput { wanted_digest: "new", ..phone.sync() })), "restricted");
    assert_eq!(refusal(decide(&GateInput { wanted_digest: "milder", ..phone.sync() })), "143");
    phone.verdict = Verdict::default();
    assert_eq!(refusal(decide(&GateInput { wanted_digest: "new", ..phone.sync() })), "policy_refused");
    assert_eq!(decide(&GateInput { wanted_digest: "new", ..phone.provision() }), Gate::Serve);
}

#[test]
fn a_policy_applied_in_part_stays_restricted_and_does_not_loop() {
    let phone = Phone::new().restricted(&[RuleId::PolicyRefused]);
    assert_eq!(refusal(decide(&phone.sync())), "restricted");
}

#[test]
fn an_updated_device_may_report_its_new_system_once_an_hour() {
    let mut phone = Phone::new().restricted(&[RuleId::OsBelowMinimum]);
    assert_eq!(refusal(decide(&phone.sync())), "restricted");
    phone.eas.applied.as_mut().expect("applied").at = NOW - REPORT_AGAIN_AFTER;
    assert_eq!(refusal(decide(&phone.sync())), "143");
    assert_eq!(decide(&phone.provision()), Gate::Serve);
}

#[test]
fn a_refresh_is_asked_for_by_hand_or_by_time() {
    let mut phone = Phone::new();
    phone.eas.applied.as_mut().expect("applied").at = NOW - 3_600_000;
    assert_eq!(refusal(decide(&GateInput { policy_refresh_hours: 1, ..phone.sync() })), "143");
    assert_eq!(decide(&GateInput { policy_refresh_hours: 2, ..phone.sync() }), Gate::Serve);
    phone.eas.refresh_after = Some(NOW - 10);
    assert_eq!(refusal(decide(&phone.sync())), "143");
}

#[test]
fn a_device_that_never_provisions_is_legacy() {
    let mut phone = Phone::new();
    phone.eas.applied = None;
    let ignoring_for = |time: Millis, times, allow| {
        let input = GateInput {
            policy_key: None,
            ignored_provisions: times,
            ignoring_since: Some(NOW - time),
            allow_non_provisionable: allow,
            ..phone.sync()
        };
        refusal(decide(&input))
    };
    let ignoring = |times, allow| ignoring_for(LEGACY_TIME, times, allow);
    assert_eq!(ignoring_for(LEGACY_TIME - 1, 100, true), "142", "a burst is no proof");
    assert_eq!(ignoring(LEGACY_AFTER - 1, true), "142");
    assert_eq!(ignoring(LEGACY_AFTER, false), "legacy_device");
    assert_eq!(ignoring(LEGACY_AFTER, true), "served");
}

#[test]
fn a_looping_device_rests_longer_and_longer() {
    let phone = Phone::new();
    let looping = [NOW - 1; 6];
    let again = GateInput { handshakes: &looping, wanted_digest: "new", ..phone.sync() };
    assert_eq!(decide(&again), Gate::Refuse(RefusalReason::Looping { retry_after: 30 }));
    let provision = GateInput { handshakes: &looping, braked: 2, ..phone.provision() };
    assert_eq!(decide(&provision), Gate::Refuse(RefusalReason::Looping { retry_after: 120 }));
    assert_eq!(
        decide(&GateInput { handshakes: &looping, ..phone.sync() }),
        Gate::Serve,
        "in order is in order"
    );
}

fn any_phone() -> impl Strategy<Value = Phone> {
    let state = prop_oneof![
        4 => Just(DeviceState::Enrolled),
        1 => Just(DeviceState::Quarantined),
        1 => Just(DeviceState::Wiped),
        1 => Just(DeviceState::Retired)
    ];
    let rules = prop::collection::vec(
        prop_oneof![
            Just(RuleId::PolicyOutOfDate),
            Just(RuleId::PolicyRefused),
            Just(RuleId::OsBelowMinimum),
            Just(RuleId::NoContact)
        ],
        0..3,
    );
    let wipe = prop::option::of(prop_oneof![Just(WipeKind::Device), Just(WipeKind::Account)]);
    (state, rules, wipe, any::<bool>(), any::<bool>()).prop_map(|(state, rules, wipe, blocked, applied)| {
        let mut phone = Phone { state, ..Phone::new() };
        if !applied {
            phone.eas.applied = None;
        }
        if !rules.is_empty() {
            phone = phone.restricted(&rules);
        }
        if blocked {
            phone = phone.blocked();
        }
        if let Some(kind) = wipe {
            phone = phone.wipe(kind);
        }
        phone
    })
}

proptest! {
    #[test]
    fn mail_is_served_only_to_devices_in_order(
        phone in any_phone(),
        key in prop::option::of(prop_oneof![Just(KEY), any::<u32>()]),
        wanted in prop_oneof![Just("now"), Just("new")],
        authentication in prop_oneof![
            Just(Authentication::Verified), Just(Authentication::Pending),
            Just(Authentication::WipeOnly), Just(Authentication::Failed)
        ],
        disabled in any::<bool>(),
        account_wipe in any::<bool>(),
    ) {
        let user = if disabled { UserState::Disabled } else { UserState::Active };
        let input = GateInput {
            policy_key: key, wanted_digest: wanted, authentication, user, account_wipe, ..phone.sync()
        };
        let gate = decide(&input);
        prop_assert_eq!(&gate, &decide(&input));
        if gate == Gate::Serve {
            prop_assert!(phone.eas.wipe.is_none() && phone.block.is_none() && !disabled);
            prop_assert_eq!(phone.state, DeviceState::Enrolled);
            prop_assert_eq!(authentication, Authentication::Verified);
            prop_assert_eq!(key, Some(KEY));
            prop_assert!(phone.eas.applied.as_ref().is_some_and(|a| a.digest == wanted));
            if let Some(Closed { rules, .. }) = phone.verdict.closed(Target::ActivesyncConnections) {
                prop_assert!(rules.iter().all(|r| *r == RuleId::PolicyOutOfDate));
            }
        }
        if phone.eas.wipe.is_some() {
            prop_assert!(!matches!(gate, Gate::NeedProvision(_) | Gate::Admit | Gate::Serve));
        }
    }
}
