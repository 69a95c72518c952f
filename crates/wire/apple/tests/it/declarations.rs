//! Declarative management.

use serde_json::{Value, json};
use wire_apple::Error;
use wire_apple::ddm::{Declaration, Endpoint, Kind, Set, StatusReport, Validity};

fn declaration(kind: &str, identifier: &str, payload: Value) -> Declaration {
    Declaration::new(kind, identifier, payload).expect("a declaration")
}

fn three() -> Vec<Declaration> {
    vec![
        declaration(
            "com.apple.configuration.passcode.settings",
            "c",
            json!({"MinimumLength": 6, "RequirePasscode": true}),
        ),
        declaration("com.apple.activation.simple", "a", json!({"StandardConfigurations": ["c"]})),
        declaration("com.apple.management.organization-info", "m", json!({"Name": "Example"})),
    ]
}

#[test]
fn tokens_follow_from_content_and_not_from_order() {
    let one = declaration("com.apple.configuration.x", "i", json!({"a": 1, "b": {"c": 2, "d": [1, 2]}}));
    let same = declaration("com.apple.configuration.x", "i", json!({"b": {"d": [1, 2], "c": 2}, "a": 1}));
    assert_eq!(one.token(), same.token());
    assert!(one.token().len() <= 64);
    for other in [
        declaration("com.apple.configuration.x", "i", json!({"a": 1, "b": {"c": 2, "d": [2, 1]}})),
        declaration("com.apple.configuration.x", "j", json!({"a": 1, "b": {"c": 2, "d": [1, 2]}})),
        declaration("com.apple.configuration.y", "i", json!({"a": 1, "b": {"c": 2, "d": [1, 2]}})),
    ] {
        assert_ne!(one.token(), other.token());
    }
    let mut backwards = three();
    backwards.reverse();
    let (set, other) = (Set::new(three()), Set::new(backwards));
    assert_eq!((set.token(), set.items()), (other.token(), other.items()));
    assert_ne!(set.token(), Set::new(three().into_iter().take(2)).token());
}

#[test]
fn documents_have_the_form_that_devices_expect() {
    let set = Set::new(three());
    assert_eq!(
        set.tokens(1_795_374_983_000),
        json!({"SyncTokens": {"DeclarationsToken": set.token(), "Timestamp": "2026-11-22T19:16:23Z"}})
    );
    let items = set.items();
    assert_eq!(items["DeclarationsToken"], set.token());
    assert_eq!(items["Declarations"]["Assets"], json!([]), "empty lists are there");
    assert_eq!(items["Declarations"]["Activations"][0]["Identifier"], "a");
    assert_eq!(
        Set::default().items()["Declarations"],
        json!({"Activations": [], "Configurations": [], "Assets": [], "Management": []})
    );
    let one = set.get(Kind::Configuration, "c").expect("it is assigned");
    let document = one.to_json();
    assert_eq!(
        (&document["Type"], &document["ServerToken"]),
        (&json!("com.apple.configuration.passcode.settings"), &json!(one.token()))
    );
    assert!(set.get(Kind::Asset, "c").is_none(), "of another kind");
    assert!(set.get(Kind::Configuration, "d").is_none());
    let twice = Set::new([three(), vec![declaration("com.apple.asset.data", "c", json!({}))]].concat());
    assert_eq!(twice.iter().count(), 3, "one identifier, one declaration");
}

#[test]
fn what_is_no_declaration_is_none() {
    for (kind, identifier, payload) in [
        ("com.apple.surprise.x", "i", json!({})),
        ("com.apple.configuration", "i", json!({})),
        ("com.apple.configurations.x", "i", json!({})),
        ("com.apple.configuration.x", "", json!({})),
        ("com.apple.configuration.x", &"i".repeat(65), json!({})),
        ("com.apple.configuration.x", "a\nb", json!({})),
        ("com.apple.configuration.x", "i", json!([])),
    ] {
        assert!(Declaration::new(kind, identifier, payload).is_none(), "{kind} {identifier}");
    }
}

#[test]
fn endpoints_are_read() {
    assert_eq!(Endpoint::read("tokens"), Some(Endpoint::Tokens));
    assert_eq!(Endpoint::read("declaration-items"), Some(Endpoint::Items));
    assert_eq!(Endpoint::read("status"), Some(Endpoint::Status));
    assert_eq!(
        Endpoint::read("declaration/management/x"),
        Some(Endpoint::Declaration(Kind::Management, "x".into()))
    );
    for bad in [
        "",
        "Tokens",
        "declaration",
        "declaration/",
        "declaration/asset",
        "declaration/asset/",
        "declaration/x/y",
    ] {
        assert_eq!(Endpoint::read(bad), None, "{bad}");
    }
    assert_eq!(Endpoint::read(&format!("declaration/asset/{}", "x".repeat(65))), None);
}

#[test]
fn status_reports_are_read() {
    let report = StatusReport::read(include_bytes!("../../testdata/status.json")).expect("a report");
    assert!(report.full);
    assert_eq!(report.item("device.operating-system.version"), Some(&json!("18.1")));
    assert_eq!(report.item("passcode.is-present"), Some(&json!(true)));
    assert_eq!(report.item("device.nothing"), None);
    assert_eq!(
        (report.errors[0].item.as_str(), report.errors[0].reasons[0].0.as_str()),
        ("device.unknown", "Error.UnknownStatusItem")
    );
    let declarations = report.declarations.expect("reported");
    assert_eq!(declarations.len(), 2, "one without a token is left out");
    assert!(declarations[0].active && declarations[0].validity == Validity::Valid);
    assert_eq!(declarations[1].reasons[0].0, "Error.ConfigurationNotSupported");
    let small = StatusReport::read(b"{}").expect("a report");
    assert!(!small.full && small.declarations.is_none() && small.errors.is_empty());
    let deep = "[".repeat(100_000);
    for bad in [&b""[..], b"[]", b"{\"StatusItems\":5}", b"\xff", deep.as_bytes(), &vec![b' '; (5 << 20) + 1]]
    {
        assert!(matches!(StatusReport::read(bad), Err(Error::Json(_))));
    }
}
