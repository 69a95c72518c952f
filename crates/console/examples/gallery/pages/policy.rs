//! A policy suite, the review before it is published, and the access restrictions.
use console::parts::{
    Badge, Button, ButtonKind, Card, Change, Chip, Choice, Columns, Control, Diff, Effect, Fact, Facts, Form,
    Head, Html, Icon, Input, Level, Matrix, MatrixCell, MatrixRow, Note, Place, SaveBar, SettingGroup,
    SettingView, Status, Tab, Tabs, Tone, Widths,
};

use super::page;

pub fn pages() -> Vec<(&'static str, String)> {
    vec![("policy", suite()), ("policy-review", review()), ("access-restrictions", restrictions())]
}

fn yes_no(name: &str, label: &str, on: bool) -> Input {
    let choices =
        vec![Choice::new("", "Not set", false), Choice::new("1", "Yes", on), Choice::new("0", "No", !on)];
    Input::new(name, label, Control::Segments(choices))
}

fn number(name: &str, label: &str, value: &str, (min, max): (i64, i64), unit: &str) -> Input {
    Input::new(
        name,
        label,
        Control::Number { value: value.into(), min: Some(min), max: Some(max), unit: unit.into() },
    )
}

fn suite() -> String {
    let android =
        || Badge::honoured(Icon::Android, "Android", "Enforced by the mail app’s device administrator");
    let apple = || Badge::honoured(Icon::Apple, "iOS", "Enforced by the built-in mail account");
    let not_apple = |why: &str| Badge::ignored(Icon::Apple, "iOS", why);
    let security = SettingGroup {
        id: "security".into(),
        title: "Security settings".into(),
        lead: "What a device must have before it gets mail.".into(),
        columns: vec!["Corporate".into(), "Individual".into()],
        settings: vec![
            SettingView::new(
                "s-password",
                "Require password",
                "The device must be locked with a password or PIN.",
            )
            .badge(android())
            .badge(apple())
            .value(yes_no("c.password", "Require password, corporate", true), "", "")
            .value(yes_no("i.password", "Require password, individual", true), "", ""),
            SettingView::new(
                "s-simple",
                "Allow simple password",
                "Sequences such as 1234 and repetitions such as 1111.",
            )
            .badge(android())
            .badge(apple())
            .badge(Badge::mark("Changed in this draft"))
            .value(yes_no("c.simple", "Allow simple password, corporate", false), "", "")
            .value(yes_no("i.simple", "Allow simple password, individual", false), "Yes", ""),
            SettingView::new(
                "s-length",
                "Minimum length",
                "Shorter passwords are refused by the device. Does nothing unless a password is required.",
            )
            .range("1 to 16 characters")
            .badge(android())
            .badge(apple())
            .value(
                number("c.length", "Minimum length, corporate", "60", (1, 16), "characters"),
                "6",
                "Between 1 and 16. 60 is longer than ActiveSync can ask for.",
            )
            .value(
                number("i.length", "Minimum length, individual", "4", (1, 16), "characters"),
                "",
                "",
            ),
            SettingView::new(
                "s-attempts",
                "Failed attempts before wipe",
                "The device wipes itself after this many wrong passwords in a row.",
            )
            .range("4 to 16 attempts")
            .badge(android())
            .badge(apple())
            .value(number("c.attempts", "Failed attempts, corporate", "10", (4, 16), "attempts"), "", "")
            .value(
                number("i.attempts", "Failed attempts, individual", "", (4, 16), "attempts"),
                "10",
                "",
            ),
            SettingView::new(
                "s-card",
                "Require storage card encryption",
                "Cards that are not encrypted cannot be written to.",
            )
            .badge(Badge::ignored(Icon::Android, "Android", "Outlook and Gmail ignore it since Android 9"))
            .badge(not_apple("iPhones have no storage card"))
            .badge(Badge::honoured(Icon::Windows, "Windows", "Windows 10 Mobile"))
            .value(yes_no("c.card", "Require storage card encryption, corporate", true), "", "")
            .value(
                yes_no("i.card", "Require storage card encryption, individual", false),
                "",
                "",
            ),
        ],
    };
    let select = |name: &str, label: &str, at: usize| {
        let words = ["Not set", "Off", "Hands-free only", "Allowed"];
        Input::new(
            name,
            label,
            Control::Select(
                words
                    .iter()
                    .enumerate()
                    .map(|(i, word)| Choice::new(i.to_string(), *word, i == at))
                    .collect(),
            ),
        )
    };
    let control = SettingGroup {
        id: "control".into(),
        title: "Device control".into(),
        lead: Html::default(),
        columns: vec!["Corporate".into(), "Individual".into()],
        settings: vec![
            SettingView::new("s-camera", "Allow camera", "Turns the built-in cameras on or off.")
                .badge(android())
                .badge(not_apple("Only supervised devices obey, since iOS 13"))
                .value(yes_no("c.camera", "Allow camera, corporate", true), "", "")
                .value(yes_no("i.camera", "Allow camera, individual", true), "", ""),
            SettingView::new("s-bluetooth", "Bluetooth", "What may be connected.")
                .badge(Badge::ignored(Icon::Android, "Android", "No mail app may switch Bluetooth"))
                .value(select("c.bluetooth", "Bluetooth, corporate", 2), "Allowed", "")
                .value(select("i.bluetooth", "Bluetooth, individual", 3), "", ""),
        ],
    };
    let head = Head::new("Field staff", "What is asked of the devices of 63 users. You are editing a draft; devices keep revision 12 until you publish.")
        .under("Policy Suites", "/dashboard/policy-suites")
        .chip(Chip::new("Draft", Tone::Info).icon(Icon::Edit))
        .action(Button::link("Copy", "?do=copy").icon(Icon::Copy))
        .action(Button::link("Delete …", "?do=delete").kind(ButtonKind::Danger).icon(Icon::Trash));
    let tabs = Tabs {
        label: "Field staff".into(),
        tabs: vec![
            Tab::new("Settings", "?tab=settings", true).note("42"),
            Tab::new("Revisions", "?tab=revisions", false).note("12"),
            Tab::new("Assigned to", "?tab=assigned", false).note("63"),
        ],
        swap: String::new(),
    };
    let bar = SaveBar {
        text: Html::rich(
            "**4 settings differ from revision 12.** Saving keeps the draft; nothing reaches a device before you publish.",
            &[],
        ),
        buttons: vec![
            Button { kind: ButtonKind::Plain, ..Button::submit("Save draft") },
            Button::link("Review and publish", "/dashboard/policy-suites/1/review").kind(ButtonKind::Primary),
        ],
    };
    let error = Note::new(
        Tone::Bad,
        "One value has to be looked at before this can be published",
        Html::rich("[Minimum length, corporate](#c-length): between 1 and 16", &[]),
    );
    page(
        Place::PolicySuites,
        head,
        vec![tabs.into(), error.into(), security.into(), control.into(), bar.into()],
    )
    .to_string()
}

fn review() -> String {
    let change = |what: &str, scope: &str, from: &str, to: &str, effect| Change {
        what: what.into(),
        scope: scope.into(),
        from: from.into(),
        to: to.into(),
        effect,
    };
    let diff = Diff {
        changes: vec![
            change("Minimum length", "corporate", "4 characters", "6 characters", Effect::Stricter),
            change("Allow simple password", "individual", "Yes", "No", Effect::Stricter),
            change("Failed attempts before wipe", "individual", "10 attempts", "", Effect::Looser),
            change("Maximum e-mail age filter", "corporate", "", "2 weeks", Effect::Neutral),
        ],
        consequence: Html::rich(
            "**63 devices** get revision 13. 41 of them are asked for a new password by their owner’s phone; until then they count as out of date and lose mail after the grace of 4 hours. 9 iPhones are not touched: nothing that they honour changes.",
            &[],
        ),
    };
    let facts = Facts::rows([
        Fact::new("Suite", "Field staff"),
        Fact::new("Becomes", "Revision 13"),
        Fact::new("Touches", "63 of 72 devices"),
        Fact::new("Reaches a phone", "within seconds, if it is waiting for mail")
            .source("else at its next sync"),
    ]);
    let form = Form {
        id: "publish".into(),
        action: "/dashboard/policy-suites/1/publish".into(),
        hidden: vec![("csrf".into(), "9f3c1c".into())],
        fields: vec![
            console::parts::FieldView::new(
                "note",
                "What is it for?",
                Control::Area("Passwords of six after the audit".into()),
            )
            .help("Stands beside the revision, and in the journal.")
            .optional(),
        ],
        buttons: vec![
            Button::submit("Publish revision 13"),
            Button::link("Back to the draft", "/dashboard/policy-suites/1"),
        ],
        ..Form::default()
    };
    let head =
        Head::new("Review before publishing", "Four settings change. This is what devices will notice.")
            .under("Policy Suites", "/dashboard/policy-suites")
            .under("Field staff", "/dashboard/policy-suites/1");
    let right = Html::stack([Card::new("What happens", facts).into(), Card::new("", form).into()]);
    page(
        Place::PolicySuites,
        head,
        vec![
            Columns::new(Widths::TwoToOne, [Card::new("Changes from revision 12", diff).into(), right])
                .into(),
        ],
    )
    .to_string()
}

fn restrictions() -> String {
    let severity = |word: &str| {
        Chip::new(
            word,
            match word {
                "Critical" => Tone::Bad,
                "Warning" => Tone::Warn,
                _ => Tone::Idle,
            },
        )
    };
    let delays = |chosen: &str| {
        ["at once", "after 1 hour", "after 4 hours", "after 24 hours", "after 7 days"]
            .iter()
            .map(|label| Choice::new(*label, *label, *label == chosen))
            .collect()
    };
    let row = |key: &str,
               condition: &str,
               detail: &'static str,
               word: &str,
               on: [bool; 2],
               delay: &str,
               now: &str| MatrixRow {
        section: String::new(),
        condition: condition.into(),
        detail: Html::rich(detail, &[]),
        severity: severity(word),
        cells: on
            .iter()
            .enumerate()
            .map(|(i, on)| MatrixCell { name: format!("{key}.{i}"), on: *on, ..MatrixCell::default() })
            .collect(),
        delay_name: format!("{key}.delay"),
        delays: delays(delay),
        now: if now == "none" {
            Html::rich("none", &[])
        } else {
            Html::rich("[{}](/dashboard/devices?finding=1)", &[now])
        },
    };
    let mut rows = vec![
        row(
            "blocked",
            "Blocked by hand",
            "an administrator said so, with a reason",
            "Critical",
            [true, true],
            "at once",
            "1 device",
        ),
        row(
            "policy",
            "Policy out of date",
            "grace of 1 hour after publishing",
            "Warning",
            [true, true],
            "at once",
            "9 devices",
        ),
        row(
            "refused",
            "Policy refused or only partly applied",
            "the device said so",
            "Critical",
            [true, true],
            "at once",
            "none",
        ),
        row("contact", "No contact", "for 72 hours", "Warning", [true, false], "after 4 hours", "3 devices"),
        row(
            "os",
            "OS below minimum",
            "iOS 17.4, Android 14",
            "Warning",
            [false, true],
            "after 7 days",
            "1 device",
        ),
        row(
            "model",
            "Device type or model not allowed",
            "list of 4 models",
            "Warning",
            [true, false],
            "at once",
            "none",
        ),
        row(
            "auth",
            "ActiveSync authentication failures",
            "more than 10 in 15 minutes",
            "Notice",
            [false, false],
            "at once",
            "6 devices",
        ),
    ];
    rows[1].cells[1].changed = true;
    rows[4].cells[0].from = "system".into();
    let level =
        |label: &str, current| Level { label: label.into(), href: format!("?level={label}"), current };
    let matrix = Matrix {
        levels: vec![
            level("Organization", true),
            level("Platform: 1 differs", false),
            level("Users: none", false),
            level("Devices: 3 exceptions", false),
        ],
        targets: vec!["ActiveSync connections".into(), "Network Access".into()],
        rows,
        read_only: false,
    };
    let note = Note::new(
        Tone::Warn,
        "You changed one box: “Policy out of date” now also stops Network Access",
        Html::rich(
            "If you save this, **9 devices lose the Wi-Fi** at Cisco ISE’s next poll, within 5 minutes. 9 is more than the limit of 5 in an hour, so the change would wait for a second administrator. [See the 9 devices](/dashboard/devices?finding=1)",
            &[],
        ),
    );
    let bar = SaveBar {
        text: "Saved restrictions take effect at once, and are written to the journal.".into(),
        buttons: vec![Button::link("Undo", "?"), Button::submit("Review and save")],
    };
    let head = Head::new("Access Restrictions", "What a device loses while something is wrong with it. This is the organization’s level; a platform, user or device can decide otherwise.")
        .chip(Status::Waiting.chip())
        .action(Button::link("Add exception", "?do=exception").icon(Icon::Plus));
    page(Place::AccessRestrictions, head, vec![matrix.into(), note.into(), bar.into()]).to_string()
}
