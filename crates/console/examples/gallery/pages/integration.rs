//! Cisco ISE, and a form with errors.
use console::parts::{
    Button, ButtonKind, Card, Chip, Choice, Columns, Control, Copy, Fact, Facts, FieldView, Form, Head, Html,
    Icon, Note, Place, Progress, Table, Tone, Widths, cell,
};

use super::{ago, page};

pub fn pages() -> Vec<(&'static str, String)> {
    vec![("cisco-ise", ise()), ("administrator-add", add_administrator())]
}

fn ise() -> String {
    let copy =
        |id: &str, label: &str, value: &str| Copy { id: id.into(), label: label.into(), value: value.into() };
    let address = Facts::rows([
        Fact::new("Host name", copy("ise-host", "host name", "mdm.acme.test")),
        Fact::new("Port", copy("ise-port", "port", "443")),
        Fact::new("Instance name", copy("ise-instance", "instance name", "acme")),
        Fact::new("User", cell::link("/dashboard/administrators/adm_9", "ise-acme"))
            .source("an ISE Admin without a role: it can do nothing else"),
        Fact::new(
            "Root certificate",
            Html::join([
                Button::link("PEM", "/dashboard/cisco-ise/root.pem").small().icon(Icon::Certificate).into(),
                Html::text(" "),
                Button::link("DER", "/dashboard/cisco-ise/root.der").small().icon(Icon::Certificate).into(),
            ]),
        )
        .source("import it under Trusted Certificates"),
    ]);
    let tests = Table::new("Self-test", &["What ISE would see", "Result", "Took"])
        .row([
            Html::text("The exported root is trusted"),
            Chip::new("Passed", Tone::Ok).into(),
            Html::text("12\u{a0}ms"),
        ])
        .row([
            Html::text("Right password: 200"),
            Chip::new("Passed", Tone::Ok).into(),
            Html::text("3\u{a0}ms"),
        ])
        .row([
            Html::text("Wrong password: 401"),
            Chip::new("Passed", Tone::Ok).into(),
            Html::text("2\u{a0}ms"),
        ])
        .row([
            Html::text("Not an ISE Admin: 403"),
            Chip::new("Passed", Tone::Ok).into(),
            Html::text("2\u{a0}ms"),
        ])
        .row([
            Html::text("Wrong instance: 404"),
            Chip::new("Failed", Tone::Bad).into(),
            Html::text("2\u{a0}ms"),
        ]);
    let calls = Table::new("The last calls", &["When", "Request", "Answer"])
        .row([
            ago(31).into(),
            cell::mono(
                "GET /acme/ciscoise/devices/?paging=0&querycriteria=macaddress&value=0026B424FEB4&filter=all",
            ),
            Chip::new("200", Tone::Ok).into(),
        ])
        .row([ago(36).into(), cell::mono("GET /acme/ciscoise/mdminfo"), Chip::new("401", Tone::Bad).into()]);
    let unknown = Table::new("MACs asked for that nobody knows", &["MAC", ""]).row([
        cell::lines(cell::mono("A4:83:E7:11:09:3C"), ago(31)),
        Button::link("Link to device", "?link=a483").small().icon(Icon::Link).into(),
    ]);
    let progress = Progress {
        id: "self-test".into(),
        label: "Self-test".into(),
        done: 4,
        total: 5,
        detail: "asking for a wrong instance".into(),
        poll_ms: 60_000,
        from: String::new(),
    };
    let note = Note::new(
        Tone::Info,
        "Set the polling interval to 0 first",
        "Then ISE asks about a device when it connects, which is soon enough for most. If you poll, do not poll more often than devices check in: every 4 hours here.",
    );
    let head = Head::new("Cisco ISE", "ISE asks us whether a device may use the network. Enter these values there, under Network Resources ▸ External MDM.")
        .chip(Chip::new("Asked 31 min ago", Tone::Ok))
        .action(Button::link("Run self-test", "?do=test").kind(ButtonKind::Primary));
    let left = Html::stack([
        Card::new("What to enter in ISE", address).into(),
        Card::flush("The last calls", calls).into(),
    ]);
    let right = Html::stack([
        Card::new("", progress).into(),
        Card::flush("Self-test", tests).into(),
        Card::flush("Unknown MACs", unknown).into(),
    ]);
    page(Place::CiscoIse, head, vec![note.into(), Columns::new(Widths::TwoToOne, [left, right]).into()])
        .to_string()
}

fn add_administrator() -> String {
    let choice = |value: &str, label: &str, help: &str, on| Choice {
        help: help.into(),
        ..Choice::new(value, label, on)
    };
    let roles = vec![
        choice("full", "Full", "Everything in this organization.", false),
        choice(
            "helpdesk",
            "Help desk",
            "Sees devices and users; may block, message and refresh, but not wipe.",
            true,
        ),
        choice("read", "Read only", "Sees everything, changes nothing.", false),
    ];
    let notices = vec![
        choice("bad", "Something was wiped or blocked", "", true),
        choice("soon", "A certificate ends soon", "", false),
    ];
    let form = Form {
        id: "administrator".into(),
        action: "/dashboard/administrators".into(),
        hidden: vec![("csrf".into(), "9f3c1c".into())],
        fields: vec![
            FieldView::new("name", "Name", Control::Text("Jo Ortega".into(), "text")),
            FieldView::new("account", "Sign-in name", Control::Text("mara.kolk".into(), "text"))
                .help("Unique in the whole installation.")
                .error("“mara.kolk” is taken. Try “jo.ortega”."),
            FieldView::new("email", "E-mail address", Control::Text("jo.ortega@acme".into(), "email"))
                .error("Enter an address like name@acme.test")
                .optional(),
            FieldView::new("password", "Password", Control::Secret("new-password"))
                .help("At least 12 characters. A sentence is fine."),
            FieldView::new("role", "Role", Control::Radio(roles)),
            FieldView::new(
                "language",
                "Language",
                Control::Select(vec![
                    Choice::new("en", "English", true),
                    Choice::new("de", "Deutsch", false),
                ]),
            ),
            FieldView::new(
                "timeout",
                "Sign out after",
                Control::Number { value: "30".into(), min: Some(5), max: Some(720), unit: "minutes".into() },
            ),
            FieldView::new("ise", "ISE Admin", Control::Switch(true))
                .help("May call the Cisco ISE interface. An account with this mark should have no role."),
            FieldView::new("tell", "Tell them by e-mail when", Control::Ticks(notices)),
            FieldView::new("organization", "Organization", Control::Text("Acme Corporation".into(), "text"))
                .read_only(),
        ],
        buttons: vec![
            Button::submit("Add administrator"),
            Button::link("Cancel", "/dashboard/administrators"),
        ],
        ..Form::default()
    };
    let head =
        Head::new("Add Administrator", "Someone who may act in Acme Corporation, as far as the role allows.")
            .under("Organization Administrators", "/dashboard/administrators");
    page(Place::Administrators, head, vec![Card::new("", form).into()]).to_string()
}
