//! Which level decides, and exceptions.

use super::*;

#[test]
fn the_more_specific_level_decides_as_a_whole() {
    let rule = RuleId::BlockedByHand;
    let Subject { device, user, platform, .. } = subject();
    let both = [Target::ActivesyncConnections, Target::NetworkAccess];
    let levels = [
        (Level::Organization, ticks(rule, &both)),
        (Level::Platform(platform), ticks(rule, &[])),
        // Of two groups the one of the smaller priority number decides, whatever its id.
        (Level::Group(group(3)), ticks(rule, &[Target::ActivesyncConnections])),
        (Level::Group(group(4)), ticks(rule, &both)),
        (Level::User(user), ticks(rule, &[Target::NetworkAccess])),
        (Level::Device(device), ticks(rule, &[Target::ActivesyncConnections])),
    ];
    let (mail, network) = ([Target::ActivesyncConnections], [Target::NetworkAccess]);
    let expected: [&[Target]; 6] = [&both, &[], &mail, &both, &network, &mail];
    let mut config = config();
    for ((level, restrictions), expected) in levels.into_iter().zip(expected) {
        config.levels.push((level.clone(), restrictions));
        let verdict = first_look(&blocked(), &config);
        for target in both {
            let decided = expected.contains(&target).then(|| level.clone());
            assert_eq!(deciding_level(&verdict, target), decided, "{level:?} {target:?}");
        }
    }
}

#[test]
fn a_level_that_is_silent_about_a_rule_inherits() {
    let mut config = config();
    config.levels.push((Level::Device(subject().device), ticks(RuleId::NoContact, &[])));
    config.levels.push((Level::Platform(Platform::Android), ticks(RuleId::BlockedByHand, &[])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Organization));
}

#[test]
fn never_restrict_holds_until_it_ends() {
    let mut config = config();
    let exception = Exception {
        kind: ExceptionKind::Never,
        expires_at: Some(NOW + HOUR),
        note: String::new(),
        by: String::new(),
    };
    config.exceptions.push((Level::User(subject().user), exception));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::NetworkAccess) && verdict.findings.len() == 1);
    assert_eq!(verdict.next_look, Some(NOW + HOUR));
    let later = look(&blocked(), &config, &verdict, NOW + HOUR);
    let Some(Closed { since, .. }) = later.closed(Target::NetworkAccess) else { panic!("still open") };
    assert_eq!(*since, NOW, "it was open when last looked at, however old the block is");
}

#[test]
fn the_exception_of_a_group_holds_for_its_members_only() {
    let mut config = config();
    let exception = Exception {
        kind: ExceptionKind::Never,
        expires_at: Some(NOW + HOUR),
        note: String::new(),
        by: String::new(),
    };
    config.exceptions.push((Level::Group(group(3)), exception));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::NetworkAccess));
    assert_eq!(verdict.next_look, Some(NOW + HOUR));
    let stranger = Subject { groups: vec![group(4)], ..subject() };
    let input =
        Input { subject: stranger, facts: &blocked(), config: &config, previous: &Verdict::default() };
    let verdict = evaluate(&input, NOW);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Organization));
    assert_eq!(verdict.next_look, None);
}

#[test]
fn the_exception_of_the_device_beats_that_of_the_user() {
    let Subject { device, user, .. } = subject();
    let exception = |kind| Exception { kind, expires_at: None, note: String::new(), by: String::new() };
    let mut config = config();
    config.exceptions.push((Level::User(user), exception(ExceptionKind::Never)));
    config.exceptions.push((Level::Device(device), exception(ExceptionKind::Custom)));
    config.levels.push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::NetworkAccess])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Device(device)));
    assert!(verdict.allows(Target::ActivesyncConnections));
}

#[test]
fn extra_ticks_come_on_top_and_end_with_their_exception() {
    let Subject { device, user, .. } = subject();
    let extra = |expires_at| Exception {
        kind: ExceptionKind::Extra,
        expires_at,
        note: String::new(),
        by: String::new(),
    };
    let mut config = config();
    config.levels.push((Level::Organization, ticks(RuleId::BlockedByHand, &[Target::ActivesyncConnections])));
    config.levels.push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::NetworkAccess])));
    config.exceptions.push((Level::Device(device), extra(Some(NOW + HOUR))));
    let verdict = first_look(&blocked(), &config);
    assert!(!verdict.allows(Target::ActivesyncConnections) && !verdict.allows(Target::NetworkAccess));
    assert_eq!(deciding_level(&verdict, Target::NetworkAccess), Some(Level::Device(device)));
    let later = look(&blocked(), &config, &verdict, NOW + HOUR);
    assert!(!later.allows(Target::ActivesyncConnections) && later.allows(Target::NetworkAccess));
    // On top of an exception of the user, too; and where nothing is added, the level above has decided.
    let never =
        Exception { kind: ExceptionKind::Never, expires_at: None, note: String::new(), by: String::new() };
    config.exceptions.push((Level::User(user), never));
    let verdict = first_look(&blocked(), &config);
    assert!(verdict.allows(Target::ActivesyncConnections) && !verdict.allows(Target::NetworkAccess));
    config.exceptions.pop();
    config.levels.pop();
    config
        .levels
        .push((Level::Device(device), ticks(RuleId::BlockedByHand, &[Target::ActivesyncConnections])));
    let verdict = first_look(&blocked(), &config);
    assert_eq!(deciding_level(&verdict, Target::ActivesyncConnections), Some(Level::Organization));
}

#[test]
fn a_custom_matrix_ends_with_its_exception() {
    let device = Level::Device(subject().device);
    let mut config = config();
    config.levels.push((device.clone(), ticks(RuleId::BlockedByHand, &[])));
    config.exceptions.push((
        device,
        Exception {
            kind: ExceptionKind::Custom,
            expires_at: Some(NOW),
            note: String::new(),
            by: String::new(),
        },
    ));
    assert!(look(&blocked(), &config, &Verdict::default(), NOW - 1).allows(Target::NetworkAccess));
    assert!(!first_look(&blocked(), &config).allows(Target::NetworkAccess));
}
