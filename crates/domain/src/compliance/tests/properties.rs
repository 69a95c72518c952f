//! What holds for every input.

use super::*;

fn any_value(key: &'static str) -> BoxedStrategy<FactValue> {
    use catalog::FactType as T;
    match fact(key).expect("exists").entry().kind {
        T::Bool => any::<bool>().prop_map(FactValue::Bool).boxed(),
        T::Int => any::<i64>().prop_map(FactValue::Int).boxed(),
        T::Time => {
            prop_oneof![NOW - 400 * HOUR..NOW + 400 * HOUR, any::<i64>()].prop_map(FactValue::Int).boxed()
        }
        T::Text | T::Version => prop_oneof![
            Just("ios".to_owned()),
            Just("outdated".to_owned()),
            Just("missing".to_owned()),
            Just("17.4".to_owned()),
            ".{0,12}"
        ]
        .prop_map(FactValue::Text)
        .boxed(),
    }
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let keys: BTreeSet<&'static str> = RULES.iter().flat_map(|r| r.needs.iter().copied()).collect();
    let each: Vec<_> = keys
        .iter()
        .map(|key| {
            let key = *key;
            prop::option::of(any_value(key)).prop_map(move |v| v.map(|v| (key, v)))
        })
        .collect();
    each.prop_map(|pairs| facts(&pairs.into_iter().flatten().collect::<Vec<_>>()))
}

fn any_config() -> impl Strategy<Value = AccessConfig> {
    let end = prop::option::of((prop::sample::select(&REMEDIATIONS[..]), 0..20_000_u32));
    let end = end.prop_map(|end| end.map(|(command, after_minutes)| Remediation { command, after_minutes }));
    let rule = (any::<bool>(), any::<bool>(), prop_oneof![Just(0), 0..10_000_u32, Just(u32::MAX)], end);
    let rules = prop::collection::vec(rule, RULES.len());
    let kind =
        prop_oneof![Just(ExceptionKind::Never), Just(ExceptionKind::Extra), Just(ExceptionKind::Custom)];
    let exception = prop::option::of((kind, prop::option::of(NOW - HOUR..NOW + HOUR)));
    (rules, exception).prop_map(|(rules, exception)| {
        let mut config = config();
        for (rule, (on, unknown_is_violation, grace_minutes, remediation)) in RULES.iter().zip(rules) {
            let params = Params(BTreeMap::from([("ios".to_owned(), Value::Text("17.5".into()))]));
            config
                .rules
                .insert(rule.id, RuleConfig { on, params, unknown_is_violation, grace_minutes, remediation });
        }
        if let Some((kind, expires_at)) = exception {
            config.exceptions.push((
                Level::Device(subject().device),
                Exception { kind, expires_at, note: String::new(), by: String::new() },
            ));
        }
        config
    })
}

proptest! {
    #[test]
    fn evaluation_is_total_and_deterministic(facts in any_facts(), config in any_config(), now in any::<i64>()) {
        let verdict = look(&facts, &config, &Verdict::default(), now);
        prop_assert_eq!(&verdict, &look(&facts, &config, &Verdict::default(), now));
        prop_assert_eq!(verdict.at, now);
        prop_assert!(verdict.next_look.is_none_or(|at| at > now));
        prop_assert!(verdict.findings.iter().all(|f| f.since <= now));
        for target in [Target::ActivesyncConnections, Target::NetworkAccess] {
            if let Some(Closed { rules, since, .. }) = verdict.closed(target) {
                prop_assert!(!rules.is_empty() && *since <= now);
                prop_assert!(reason_for(&verdict, target).is_some_and(|(why, fix)| !why.is_empty() && !fix.is_empty()));
            }
            prop_assert!(!explain(&verdict, target).why.is_empty());
        }
    }

    #[test]
    fn looking_twice_changes_nothing(facts in any_facts(), config in any_config()) {
        let first = look(&facts, &config, &Verdict::default(), NOW);
        prop_assert_eq!(&look(&facts, &config, &first, NOW), &first);
    }

    #[test]
    fn nothing_changes_before_next_look(facts in any_facts(), config in any_config(), step in 1..200 * HOUR) {
        let first = look(&facts, &config, &Verdict::default(), NOW);
        let until = first.next_look.unwrap_or(i64::MAX);
        let then = (NOW + step).min(until.saturating_sub(1));
        let second = look(&facts, &config, &first, then);
        prop_assert_eq!(&second.closed, &first.closed);
        prop_assert_eq!(
            second.findings.iter().map(|f| f.rule).collect::<Vec<_>>(),
            first.findings.iter().map(|f| f.rule).collect::<Vec<_>>()
        );
        prop_assert_eq!(second.next_look, first.next_look);
    }
    #[test]
    fn what_is_closed_is_closed_by_findings_in_force_and_by_all_of_them(facts in any_facts(), config in any_config()) {
        let verdict = look(&facts, &config, &Verdict::default(), NOW);
        for info in TARGETS {
            let closing: Vec<_> = verdict.findings.iter()
                .filter(|f| f.restricts_at <= NOW && f.closes.contains(info.target)).map(|f| f.rule).collect();
            let closed = verdict.closed(info.target).map(|c| c.rules.clone()).unwrap_or_default();
            prop_assert_eq!(closed, closing, "{}", info.key);
        }
        if let Some((finding, targets)) = verdict.announced() {
            prop_assert!(finding.restricts_at > NOW && targets.iter().all(|t| verdict.allows(t)));
        }
    }

    #[test]
    fn a_full_wipe_is_for_devices_of_the_company_alone(facts in any_facts(), config in any_config()) {
        let ours = facts.text("liability") == Some("corporate");
        for finding in look(&facts, &config, &Verdict::default(), NOW).findings {
            let Some(due) = finding.remediation else { continue };
            prop_assert!(ours || due.command != CommandKind::FullWipe);
            prop_assert!(!finding.closes.is_empty(), "what only reports never ends in a command");
        }
    }
}
