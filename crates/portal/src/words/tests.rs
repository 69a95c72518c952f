//! Every language says everything, nothing is said for nobody, and every text that is asked for is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;

/// Every message of a file with the values that it takes.
fn messages(file: &str) -> Vec<(String, BTreeSet<String>)> {
    let resource = fluent_syntax::parser::parse(file).expect("a file without a mistake");
    let of = |entry: &Entry<&str>| match entry {
        Entry::Message(message) => {
            let mut values = BTreeSet::new();
            variables(message.value.as_ref().expect("a value"), &mut values);
            Some((message.id.name.to_owned(), values))
        }
        Entry::Term(_) | Entry::Junk { .. } => panic!("only messages"),
        _ => None,
    };
    resource.body.iter().filter_map(of).collect()
}

fn variables(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    let mut inline = |expression: &InlineExpression<&str>| {
        if let InlineExpression::VariableReference { id } = expression {
            found.insert(id.name.to_owned());
        }
    };
    let mut nested = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(expression) } => inline(expression),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                inline(selector);
                nested.extend(variants.iter().map(|variant| &variant.value));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    for pattern in nested {
        variables(pattern, found);
    }
}

/// Keys that the catalogue makes, with English words of its own.
fn of_the_catalogue() -> BTreeSet<String> {
    let platforms = catalog::PLATFORMS.iter().map(|p| format!("platform-{}", p.key));
    let commands = catalog::COMMANDS.iter().map(|c| command_key(c.kind));
    let remedies = catalog::REMEDIES.iter().map(|r| remedy_key(r.remedy));
    let events = catalog::EVENTS.iter().filter(|e| is_about_a_device(e.key)).map(event_key);
    platforms.chain(commands).chain(remedies).chain(events).collect()
}

/// Whether an event can stand in the diary of a device.
fn is_about_a_device(key: &str) -> bool {
    let areas = ["device.", "watch.", "channel.", "gateway.", "command."];
    let single = ["policy.assigned", "ise.action", "ise.action_refused", "restriction.level_changed"];
    let begins = ["restriction.exception_", "restriction.remediation_"];
    let radius = ["radius.acknowledged", "radius.refused", "radius.unanswered"];
    key != "device.exported"
        && (areas.iter().chain(&begins).any(|area| key.starts_with(area))
            || single.contains(&key)
            || radius.contains(&key))
}

/// Keys that the pages make of the catalogue's names, in every language.
fn made() -> BTreeSet<String> {
    let rules = catalog::RULES.iter().map(|rule| rule_key(rule.id));
    let held = catalog::COLLECTIONS.iter().map(|c| format!("collect-{}", c.key));
    let orders = catalog::COMMANDS
        .iter()
        .filter(|c| c.danger != catalog::Danger::None && !c.activesync.is_empty())
        .map(|c| command_key(c.kind).replace("command-", "can-"));
    let states = ["fine", "warned", "restricted", "blocked", "lost", "quarantined", "retired"];
    let states = states.iter().chain(&["wiped", "wiping", "erasing"]);
    let states = states.flat_map(|s| [format!("state-{s}"), format!("state-{s}-text")]);
    // The catalogue's words for these are the administrator's.
    let targets = catalog::TARGETS.iter().filter(|t| t.carried).map(|t| format!("target-{}", t.key));
    rules.chain(held).chain(orders).chain(states).chain(targets).collect()
}

fn sources() -> String {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if !path.ends_with("tests.rs") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    for folder in ["src", "templates"] {
        walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut paths);
    }
    paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect()
}

fn keys(tongue: Tongue) -> Vec<(String, BTreeSet<String>)> {
    let files = FILES.iter().filter(|(t, _)| *t == tongue).flat_map(|(_, files)| files.iter());
    files.flat_map(|file| messages(file)).collect()
}

#[test]
fn every_language_says_everything_once_with_the_same_values() {
    let english = keys(Tongue::En);
    let catalogue = of_the_catalogue();
    for tongue in Tongue::ALL {
        let all = keys(tongue);
        let names: BTreeSet<_> = all.iter().map(|(key, _)| key.clone()).collect();
        assert_eq!(names.len(), all.len(), "{tongue:?} has a message twice");
        for (key, values) in &english {
            let said = all.iter().find(|(k, _)| k == key);
            let (_, own) = said.unwrap_or_else(|| panic!("{tongue:?} does not say {key}"));
            assert_eq!(own, values, "{tongue:?} says {key} of other values");
        }
        let extra: Vec<_> = names
            .iter()
            .filter(|key| !english.iter().any(|(k, _)| k == *key) && !catalogue.contains(*key))
            .collect();
        assert!(extra.is_empty(), "{tongue:?} says what English does not: {extra:?}");
    }
    let german: BTreeSet<_> = keys(Tongue::De).into_iter().map(|(key, _)| key).collect();
    let missing: Vec<_> = catalogue.difference(&german).collect();
    assert!(missing.is_empty(), "German words are missing: {missing:?}");
}

#[test]
fn no_text_is_unused_and_none_is_missing() {
    let sources = sources();
    let made = made();
    let english: BTreeSet<_> = keys(Tongue::En).into_iter().map(|(key, _)| key).collect();
    let step = |key: &str| {
        let platforms = catalog::WAYS.iter().flat_map(|way| {
            way.platforms.iter().map(|platform| format!("steps-{}-{}-", way.way.key(), platform.key()))
        });
        platforms.into_iter().any(|start| key.starts_with(&start))
    };
    for key in &english {
        let used = sources.contains(&format!("\"{key}\"")) || made.contains(key) || step(key);
        assert!(used, "nothing asks for {key}");
    }
    for key in &made {
        assert!(english.contains(key), "{key} is asked for and not there");
    }
    for way in catalog::WAYS {
        for platform in way.platforms {
            let first = format!("steps-{}-{}-1", way.way.key(), platform.key());
            assert!(english.contains(&first), "{first} is missing");
        }
    }
    for call in ["t.say(\"", "t.with(\""] {
        for asked in sources.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(english.contains(asked), "{asked} is asked for and not there");
        }
    }
}

#[test]
fn the_browser_chooses_by_weight_and_english_stands_in() {
    let of = |value: &'static str| {
        let pair = (header::ACCEPT_LANGUAGE, http::HeaderValue::from_static(value));
        Tongue::accepted(&HeaderMap::from_iter([pair]))
    };
    assert_eq!(of("de-AT,de;q=0.9,en;q=0.8"), Tongue::De);
    assert_eq!(of("fr, en;q=0.5, de;q=0.7"), Tongue::De);
    assert_eq!(of("en, de"), Tongue::En);
    for other in ["", "fr", "de;q=0", "de;q=x", ";;;,,,", "x-de"] {
        assert_eq!(of(other), Tongue::En, "{other}");
    }
    assert_eq!(Tongue::accepted(&HeaderMap::new()), Tongue::En);
}

#[test]
fn values_stay_text_and_plurals_agree() {
    assert_eq!(Tongue::De.with("ago-days", "count", 1), "vor einem Tag");
    assert_eq!(Tongue::De.with("ago-days", "count", 3), "vor 3 Tagen");
    let evil = "{ $ago } <b>";
    assert_eq!(Tongue::En.with("heard", "ago", evil), format!("heard of {evil}"));
    let event = catalog::event_by_key("command.ordered").expect("is there");
    assert_eq!(Tongue::De.event(event), "Für {name} wurde angeordnet: {command}");
    assert_eq!(Tongue::En.event(event), event.label);
}
