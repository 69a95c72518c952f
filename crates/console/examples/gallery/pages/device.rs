//! One device, and the question before it is wiped.
use console::parts::{
    Button, ButtonKind, Card, Chip, Columns, Control, Danger, Event, Fact, Facts, FieldView, Head, Html,
    Icon, Loss, Menu, MenuItem, Note, Page, Part, Place, Status, Tab, Table, Tabs, Timeline, Tone, Why,
    Widths, cell,
};

use super::{ago, page};

pub fn pages() -> Vec<(&'static str, String)> {
    vec![("device", device().to_string()), ("device-exchanges", exchanges()), ("device-wipe", wipe_page())]
}

fn head() -> Head {
    let why = Why {
        reason: Html::rich("Revision 12 of “{}” was published; the phone has revision 11.", &["Field staff"]),
        since: Some(ago(2)),
        decided_by: Some(Html::rich(
            "Rule **Policy out of date**, at the level of the [organization](/dashboard/access-restrictions)",
            &[],
        )),
        next: Some("The phone asks at its next sync; its parked request was woken at 09:02:04.".into()),
        fix: Some("Open the mail app, or wait. Nothing else is needed.".into()),
        ..Why::default()
    };
    let menu = Menu {
        id: "more".into(),
        label: "More".into(),
        icon_only: false,
        items: vec![
            MenuItem {
                label: "Force policy refresh".into(),
                detail: "A new key; the phone asks again".into(),
                icon: Some(Icon::Refresh),
                href: "?do=refresh".into(),
                ..MenuItem::default()
            },
            MenuItem {
                label: "Trace for an hour".into(),
                icon: Some(Icon::Eye),
                href: "?do=trace".into(),
                ..MenuItem::default()
            },
            MenuItem {
                label: "Forget partnership".into(),
                icon: Some(Icon::Undo),
                href: "?do=forget".into(),
                ..MenuItem::default()
            },
            MenuItem {
                label: "Account-only wipe …".into(),
                detail: "Mail, contacts and calendar go; the rest stays".into(),
                icon: Some(Icon::Mail),
                href: "?do=account-wipe".into(),
                danger: true,
                apart: true,
                ..MenuItem::default()
            },
            MenuItem {
                label: "Full wipe …".into(),
                detail: "Everything on the phone goes".into(),
                icon: Some(Icon::Wiped),
                href: "?do=wipe".into(),
                dialog: Some("wipe".into()),
                danger: true,
                ..MenuItem::default()
            },
        ],
    };
    let mut head = Head::new("Lena’s Galaxy S24", "Mail stopped 2 minutes ago. It comes back by itself as soon as the phone installs revision 12; usually within a minute of the next sync.")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under("Lena Brandt", "/dashboard/users/usr_1")
        .chip(Status::Restricted.chip().why("why-restricted", why.clone()))
        .chip(Chip::new("Policy out of date", Tone::Warn).icon(Icon::Outdated).why("why-policy", why))
        .action(Button::link("Message", "?do=message").icon(Icon::Message))
        .action(Button::link("Block", "?do=block").icon(Icon::Ban));
    head.actions.push(menu.into());
    head
}

fn facts() -> Facts {
    Facts::new([
        Fact::new("Owner", cell::lines(cell::link("/dashboard/users/usr_1", "Lena Brandt"), "Sales, Berlin")),
        Fact::new("Liability", cell::lines("Corporate", "from the user")),
        Fact::new("Model", cell::lines("Samsung Galaxy S24", "SM-S921B, said by the phone")),
        Fact::new("System", cell::lines("Android 16", "patch 1 Nov 2026")),
        Fact::new("Channels", cell::lines("ActiveSync 16.1", "Outlook for Android")),
        Fact::new("Wi-Fi MAC", cell::lines(cell::mono("00:26:B4:24:FE:B4"), "entered by J. Ortega")),
        Fact::new("Serial number", Html::default()),
        Fact::new("Last contact", cell::lines(ago(2), "mail, from 198.51.100.7")),
    ])
}

fn tabs(current: usize) -> Tabs {
    let names = [
        ("Access and compliance", ""),
        ("Policy", "r11 → r12"),
        ("Commands", "3"),
        ("Mail exchanges", "200"),
        ("Facts", "31"),
        ("Timeline", ""),
    ];
    let tab = |(index, (label, note)): (usize, (&str, &str))| {
        Tab::new(label, format!("?tab={index}"), index == current).note(note)
    };
    Tabs {
        label: "Lena’s Galaxy S24".into(),
        tabs: names.into_iter().enumerate().map(tab).collect(),
        swap: "#main".into(),
    }
}

fn danger() -> Danger {
    let keep = |text: &str, kept| Loss { text: Html::text(text), kept };
    Danger {
        id: "wipe".into(),
        title: "Wipe Lena’s Galaxy S24?".into(),
        lead: Html::text(
            "The phone is reset to the state in which it left the factory, at its next contact with us.",
        ),
        facts: vec![Fact::new("Owner", "Lena Brandt, Sales, Berlin"), Fact::new("Last contact", ago(2))],
        losses: vec![
            keep("All mail, photos, apps and files on the phone and on its storage card", false),
            keep("Whatever was not yet sent or backed up", false),
            keep("Mail on the server, and this device’s history here", true),
        ],
        recall: Html::rich(
            "It can be called back **until the phone has fetched it**; most phones do within a minute.",
            &[],
        ),
        approval: Some(Note::new(
            Tone::Warn,
            "A second administrator has to agree",
            "This would be the sixth wipe within an hour; five are allowed without.",
        )),
        name: "Lena’s Galaxy S24".into(),
        fields: vec![
            FieldView::new("reason", "Reason", Control::Text(String::new(), "text"))
                .help("Written to the journal."),
        ],
        action: "/dashboard/devices/dev_1/wipe".into(),
        hidden: vec![("csrf".into(), "9f3c1c".into())],
        verb: "Ask for the wipe".into(),
        cancel: "/dashboard/devices/dev_1".into(),
        ..Danger::default()
    }
}

fn device() -> Page {
    let reach = Table::new("What this device may reach", &["Target", "State", "Why, and what happens next"])
        .tall()
        .row([
            Html::text("Mail (ActiveSync)"),
            Chip::new("Stopped", Tone::Bad).icon(Icon::ShieldOff).into(),
            cell::prose(cell::lines(Html::rich("**Policy out of date** since 09:02: revision 12 was published, the phone has 11. Decided by the [organization](/dashboard/access-restrictions).", &[]), "Next: the phone asks at its next sync (parked now, woken 09:02:04)")),
        ])
        .row([
            Html::text("Network Access (Cisco ISE)"),
            Chip::new("Allowed", Tone::Ok).into(),
            cell::prose(cell::lines("Policy age does not restrict the network in this organization.", "ISE asked 31 min ago: compliant")),
        ])
        .row([
            Html::text("Corporate resources"),
            Chip::new("Stops 10:02", Tone::Warn).icon(Icon::Clock).into(),
            cell::prose(cell::lines("Same finding, grace of 1 hour.", "Next: taken away at 10:02, unless the phone comes first")),
        ]);
    let fix = Note::new(
        Tone::Info,
        "What would fix it",
        Html::rich("Open the mail app, or wait. Nothing else is needed. [Tell Lena](?do=message)", &[]),
    );
    let event = |tone, text: &'static str, minutes, actor: &str| {
        Event::new(tone, Html::rich(text, &[]), ago(minutes), actor)
    };
    let timeline = Timeline {
        events: vec![
            event(Tone::Bad, "Mail stopped: policy out of date", 2, ""),
            event(Tone::Idle, "Suite “Field staff”, revision 12 published", 2, "J. Ortega"),
            event(Tone::Ok, "Policy acknowledged: revision 11, all of it", 4_400, "the phone"),
            event(Tone::Warn, "OS patch older than 60 days, cleared a day later", 9_000, ""),
            event(Tone::Idle, "Compliance asked: compliant", 9_100, "Cisco ISE"),
            event(Tone::Ok, "Enrolled by mail account, corporate", 380_000, "Lena Brandt"),
        ],
        more: Some(Button::link("Older", "?tab=5").small()),
    };
    let body = vec![
        Card::new("", facts()).into(),
        tabs(0).into(),
        Columns::new(
            Widths::TwoToOne,
            [
                Html::stack([
                    Card::flush("What this device may reach", reach)
                        .aside("one verdict, used by the gateway, ISE and this page")
                        .into(),
                    fix.into(),
                ]),
                Card::new("Timeline", timeline).into(),
            ],
        )
        .into(),
        danger().html(),
    ];
    page(Place::Devices, head(), body)
}

fn exchanges() -> String {
    let line = |minutes: i64, command: &str, status: &str, tone, took: &str, why: &'static str| {
        [
            Html::from(ago(minutes)),
            cell::mono(command),
            Html::from(Chip::new(status, tone)),
            Html::text(took),
            cell::prose(Html::rich(why, &[])),
        ]
    };
    let mut table = Table::new(
        "The last ActiveSync exchanges",
        &["When", "Command", "Answer", "Took", "Who answered, and why"],
    )
    .row(line(
        2,
        "Sync",
        "449",
        Tone::Bad,
        "1 ms",
        "**We** refused: policy key 1182093 belongs to revision 11. The phone must provision.",
    ))
    .row(line(
        2,
        "Ping",
        "200 · 8",
        Tone::Warn,
        "11 min 4 s",
        "**We** answered the parked request, because revision 12 was published.",
    ))
    .row(line(13, "Sync", "200", Tone::Ok, "84 ms", "mail.acme.test, 1 change"))
    .row(line(14, "SendMail", "200", Tone::Ok, "310 ms", "mail.acme.test, 48 KiB"))
    .row(line(
        44,
        "FolderSync",
        "503",
        Tone::Bad,
        "30 s",
        "**mail.acme.test** did not answer in time; the phone will ask again.",
    ))
    .row(line(9_000, "Provision", "200", Tone::Ok, "2 ms", "**We** handed out revision 11."));
    table.columns[3].1 = console::parts::Align::Right;
    let card = Card::flush("Mail exchanges", table)
        .aside("the last 200, without bodies")
        .footer("Times are measured at our door, from the first byte of the head to the last of the answer.");
    page(Place::Devices, head(), vec![tabs(3).into(), card.into(), danger().html()]).to_string()
}

fn wipe_page() -> String {
    let danger = Danger {
        standalone: true,
        error: "The typed name is not this device’s name. Nothing was wiped.".into(),
        ..danger()
    };
    let head = Head::new("Full wipe", "")
        .under("Smart Devices and Users", "/dashboard/devices")
        .under("Lena’s Galaxy S24", "/dashboard/devices/dev_1");
    let mut page = page(Place::Devices, head, vec![Columns::new(Widths::Two, [danger.into()]).into()]);
    page.head.actions.push(Button::link("Back", "/dashboard/devices/dev_1").kind(ButtonKind::Plain).into());
    page.to_string()
}
