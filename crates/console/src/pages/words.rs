//! What the engine says, in the words and colours of pages.

use catalog::{CommandKind, Danger, FactType, FactValue, Platform, Source, TargetSet};
use domain::Millis;
use domain::assignment::AssignedFrom;
use domain::model::{CommandState, Level};
use engine::devices::Posture;

use super::frame::Cx;
use crate::parts::{Chip, Html, Icon, Status, Tone, cell};

/// The chip for a posture.
pub fn status(posture: Posture) -> Status {
    match posture {
        Posture::Compliant => Status::Compliant,
        Posture::Restricted => Status::Restricted,
        Posture::OutOfDate => Status::OutOfDate,
        Posture::Waiting => Status::Waiting,
        Posture::Blocked => Status::Blocked,
        Posture::Wiped => Status::Wiped,
        Posture::Retired => Status::Retired,
        Posture::Unknown => Status::Unknown,
    }
}

/// The picture of a platform.
pub fn platform_icon(platform: Platform) -> Icon {
    match platform {
        Platform::Ios | Platform::Macos => Icon::Apple,
        Platform::Android => Icon::Android,
        Platform::Windows | Platform::WindowsPhone => Icon::Windows,
        Platform::Blackberry | Platform::Other => Icon::Phone,
    }
}

/// The picture of a command.
pub fn command_icon(kind: CommandKind) -> Icon {
    match kind {
        CommandKind::FullWipe => Icon::Wiped,
        CommandKind::AccountWipe => Icon::Mail,
        CommandKind::Block => Icon::Ban,
        CommandKind::Allow | CommandKind::QuarantineRelease => Icon::Ok,
        CommandKind::PolicyRefresh => Icon::Refresh,
        CommandKind::ForgetPartnership => Icon::Undo,
        CommandKind::ClearAuthFailures => Icon::Lock,
    }
}

/// The command's name in addresses.
pub fn command_key(kind: CommandKind) -> &'static str {
    match kind {
        CommandKind::FullWipe => "full_wipe",
        CommandKind::AccountWipe => "account_wipe",
        CommandKind::Block => "block",
        CommandKind::Allow => "allow",
        CommandKind::QuarantineRelease => "quarantine_release",
        CommandKind::PolicyRefresh => "policy_refresh",
        CommandKind::ForgetPartnership => "forget_partnership",
        CommandKind::ClearAuthFailures => "clear_auth_failures",
    }
}

/// The command by its name in addresses.
pub fn command_by_key(key: &str) -> Option<CommandKind> {
    catalog::COMMANDS.iter().map(|c| c.kind).find(|kind| command_key(*kind) == key)
}

/// Whether the command is asked for with a question of its own page.
pub fn is_dangerous(kind: CommandKind) -> bool {
    kind.entry().danger != Danger::None
}

/// The state of a command.
pub fn command_chip(state: CommandState) -> Chip {
    let (word, tone, icon) = match state {
        CommandState::AwaitingApproval => ("Needs approval", Tone::Bad, Icon::Admins),
        CommandState::Queued => ("Waiting", Tone::Warn, Icon::Waiting),
        CommandState::Sent => ("Sent", Tone::Warn, Icon::ArrowRight),
        CommandState::Acknowledged => ("Done", Tone::Ok, Icon::Ok),
        CommandState::Failed => ("Failed", Tone::Bad, Icon::Alert),
        CommandState::Expired => ("Expired", Tone::Idle, Icon::Clock),
        CommandState::Cancelled => ("Cancelled", Tone::Idle, Icon::Close),
    };
    Chip::new(word, tone).icon(icon)
}

/// A fact's value as a reader wants it.
pub fn fact_value(cx: &Cx, kind: FactType, unit: &str, value: &FactValue) -> Html {
    match (kind, value) {
        (FactType::Time, FactValue::Int(at)) => cx.ago(*at).into(),
        (_, FactValue::Bool(yes)) => Html::text(if *yes { "yes" } else { "no" }),
        (_, FactValue::Int(n)) if !unit.is_empty() => Html::text(format!("{n} {unit}")),
        (_, FactValue::Int(n)) => Html::text(n.to_string()),
        (_, FactValue::Text(text)) => cell::text(text),
    }
}

/// Whether a target is open.
pub fn access_chip(allowed: bool) -> Chip {
    if allowed {
        Chip::new("Allowed", Tone::Ok)
    } else {
        Chip::new("Stopped", Tone::Bad).icon(Icon::ShieldOff)
    }
}

/// A level of the access restrictions, a group by its name: "the organization", "the group Sales".
pub fn level(cx: &Cx, level: &Level) -> String {
    match level {
        Level::Group(id) => assigned_from(cx, AssignedFrom::Group(*id)),
        level => level.words(),
    }
}

/// Targets in a few words: "ActiveSync, Network Access".
pub fn targets(targets: TargetSet) -> String {
    targets.iter().map(|target| target.info().short).collect::<Vec<_>>().join(", ")
}

/// Who told a fact.
pub fn source(source: &Source) -> String {
    match source {
        Source::Activesync => "said by the device".into(),
        Source::Recognized => "recognized from what it sends".into(),
        Source::Administrator => "entered by hand".into(),
        Source::Integration(name) => format!("from {name}"),
        Source::Server => "known here".into(),
    }
}

/// A moment, or a dash.
pub fn ago(cx: &Cx, at: Option<Millis>) -> Html {
    at.map_or_else(cell::none, |at| cx.ago(at).into())
}

/// *1 device*, *12 devices*, *61,204 devices*.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// A figure with its thousands apart.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(",")
}

/// A MAC address with colons.
pub fn mac(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks(2).map(String::from_utf8_lossy);
    pairs.collect::<Vec<_>>().join(":")
}

/// An actor's text as kept by the journal, without the id in brackets.
pub fn actor(text: &str) -> String {
    match (text.rsplit_once(" ("), text.strip_prefix("device ")) {
        (Some((name, id)), _) if id.ends_with(')') => {
            name.strip_prefix("administrator ").or(name.strip_prefix("user ")).unwrap_or(name).to_owned()
        }
        (_, Some(_)) => "the device".into(),
        _ => text.to_owned(),
    }
}

/// Milliseconds as a person says them.
pub fn duration(millis: i64) -> String {
    match millis {
        ..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
        _ => format!("{} hr {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
    }
}

/// Percent-encodes a value for the query of an address of ours.
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The pairs of a query of ours, decoded; what cannot be read is left out.
pub fn decoded(query: &str) -> Vec<(String, String)> {
    let uri: http::Uri = format!("/?{query}").parse().unwrap_or_default();
    axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).map(|q| q.0).unwrap_or_default()
}

/// Who chose a setting: "the device", "the group Sales", "the organization’s default".
pub fn assigned_from(cx: &Cx, from: AssignedFrom) -> String {
    let name = |id| cx.org(|org| org.group(id).map(|group| group.name.clone())).ok().flatten();
    match from.group().and_then(name) {
        Some(name) => format!("the group {name}"),
        None => from.words().replace('\'', "’"),
    }
}

/// A day by its number since 1970: "22 Nov".
pub fn day(number: i64) -> String {
    let span = jiff::Span::new().try_days(number);
    let date = span.and_then(|span| jiff::civil::Date::constant(1970, 1, 1).checked_add(span));
    date.map(|date| date.strftime("%-d %b").to_string()).unwrap_or_default()
}

/// The choices of a language.
pub fn languages() -> Vec<(String, String)> {
    catalog::LANGUAGES.iter().map(|language| (language.key.to_owned(), language.name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_as_people_say_them() {
        assert_eq!(count(1, "device", "devices"), "1 device");
        assert_eq!(count(61_204, "device", "devices"), "61,204 devices");
        assert_eq!(mac("0026B424FEB4"), "00:26:B4:24:FE:B4");
        assert_eq!(actor("administrator mara (adm_0)"), "mara");
        assert_eq!(actor("device dev_0"), "the device");
        assert_eq!(actor("mail server mail.acme.test"), "mail server mail.acme.test");
        assert_eq!(duration(84), "84 ms");
        assert_eq!(duration(664_000), "11 min 4 s");
    }

    #[test]
    fn every_command_has_a_name_in_addresses() {
        for command in catalog::COMMANDS {
            assert_eq!(command_by_key(command_key(command.kind)), Some(command.kind));
        }
        assert_eq!(command_by_key("format"), None);
    }
}
