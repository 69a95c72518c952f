//! The dashboard.
use console::parts::{
    Bar, Bars, Button, ButtonKind, Card, Chip, Columns, Donut, EmptyState, Event, Head, Html, Icon, Place,
    Series, Slice, Spark, Stacked, Stat, Status, Table, Timeline, Tone, Widths, cell,
};

use super::{ago, page};

pub fn pages() -> Vec<(&'static str, String)> {
    vec![("dashboard", full()), ("dashboard-first-day", first_day())]
}

fn stat(label: &str, value: &str, note: &str, tone: Tone, values: &[u64]) -> Html {
    let spark = Spark { label: format!("last 14 days, now {value}"), values: values.to_vec(), tone };
    let href = Some(format!("/dashboard/devices?status={}", label.to_lowercase().replace(' ', "-")));
    Stat { label: label.into(), value: value.into(), note: note.into(), tone, spark: Some(spark), href }
        .into()
}

fn full() -> String {
    let head = Head::new(
        "14 devices have lost access to something",
        "Nine of them only need their user to install the current policy; you do not have to do anything for those.",
    )
    .action(Button::link("Send message", "/dashboard/devices?status=restricted").icon(Icon::Message))
    .action(Button::link("Add users", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus));
    let stats = Columns::new(
        Widths::Four,
        [
            stat(
                "Devices under management",
                "412",
                "+9 this week",
                Tone::Info,
                &[398, 399, 400, 402, 403, 404, 405, 405, 407, 409, 410, 412],
            ),
            stat(
                "Compliant",
                "387",
                "94 % of all",
                Tone::Ok,
                &[380, 381, 383, 382, 384, 384, 371, 369, 380, 384, 386, 387],
            ),
            stat(
                "Restricted now",
                "14",
                "5 new today",
                Tone::Bad,
                &[9, 10, 9, 11, 10, 9, 21, 24, 16, 12, 10, 14],
            ),
            stat(
                "Waiting for the device",
                "11",
                "oldest 2 hr 10 min",
                Tone::Warn,
                &[4, 6, 5, 5, 3, 4, 14, 18, 15, 12, 12, 11],
            ),
        ],
    );
    let days = [
        "8 Nov", "9 Nov", "10 Nov", "11 Nov", "12 Nov", "13 Nov", "14 Nov", "15 Nov", "16 Nov", "17 Nov",
        "18 Nov", "19 Nov", "20 Nov", "21 Nov",
    ];
    let series =
        |label: &str, tone, values: &[u64]| Series { label: label.into(), tone, values: values.to_vec() };
    let chart = Stacked {
        title: "Restricted devices per day by reason".into(),
        labels: days.map(Into::into).to_vec(),
        series: vec![
            series("Policy out of date", Tone::Info, &[6, 8, 10, 7, 9, 6, 14, 17, 15, 10, 8, 11, 7, 9]),
            series("No contact", Tone::Warn, &[3, 4, 5, 4, 3, 4, 4, 4, 3, 3, 4, 5, 3, 3]),
            series("Passcode, OS, other", Tone::Bad, &[1, 1, 1, 1, 1, 1, 2, 3, 2, 2, 1, 1, 1, 2]),
        ],
    };
    let reasons = Bars {
        bars: [
            ("Policy out of date", 9, "clears by itself at the next sync", Tone::Info),
            ("No contact for 3 check-ins", 3, "users were told by e-mail", Tone::Warn),
            ("Passcode missing", 1, "restricted since 08:14", Tone::Bad),
            ("OS below 17.4", 1, "grace ends tomorrow 09:00", Tone::Bad),
        ]
        .map(|(label, value, note, tone)| Bar {
            label: label.into(),
            value,
            note: note.into(),
            tone,
            href: Some("/dashboard/devices?status=restricted".into()),
        })
        .to_vec(),
    };
    let counts = [387, 9, 9, 5, 1, 1, 0, 0];
    let slices =
        Status::ALL.iter().zip(counts).filter(|(_, value)| *value > 0).map(|(status, value)| Slice {
            label: status.word().into(),
            value,
            tone: if *status == Status::OutOfDate { Tone::Plum } else { status.tone() },
            href: Some(format!("/dashboard/devices?status={}", status.word().to_lowercase())),
        });
    let donut = Donut { title: "Devices by state".into(), unit: "devices".into(), slices: slices.collect() };
    let need = |what: Html, detail: &str, chip: Chip, button: Button| {
        [cell::lines(what, detail), chip.into(), button.small().into()]
    };
    let needs = Table::new("Things that need you", &["What", "State", ""])
        .tall()
        .row(need(
            "2 wipes wait for a second administrator".into(),
            "asked by J. Ortega at 08:52, expires 09:52",
            Chip::new("Held", Tone::Bad),
            Button::link("Review", "/dashboard/commands?state=held"),
        ))
        .row(need(
            "The certificate of mail.acme.test ends in 13 days".into(),
            "after that, phones refuse to sync with 212 accounts",
            Chip::new("Soon", Tone::Warn).icon(Icon::Clock),
            Button::link("Show", "/dashboard/activesync-servers/mail"),
        ))
        .row(need(
            "ISE polls every 5 minutes, devices check in every 4 hours".into(),
            "each poll reads 412 devices and learns nothing new",
            Chip::new("Advice", Tone::Info),
            Button::link("Read", "/dashboard/cisco-ise#polling"),
        ));
    let event = |tone, text: &'static str, args: &[&str], minutes, actor: &str| {
        Event::new(tone, Html::rich(text, args), ago(minutes), actor)
    };
    let news = Timeline {
        events: vec![
            event(
                Tone::Bad,
                "[Galaxy S24 of L. Brandt](/dashboard/devices/a) lost mail: policy out of date",
                &[],
                2,
                "",
            ),
            event(Tone::Ok, "[iPhone of T. Meyer](/dashboard/devices/b) is compliant again", &[], 14, ""),
            event(
                Tone::Idle,
                "Published Policy Suite “{}”, revision {}: 63 devices",
                &["Field staff", "12"],
                26,
                "J. Ortega",
            ),
            event(Tone::Idle, "Asked for 38 devices, 36 known", &[], 31, "Cisco ISE"),
            event(Tone::Ok, "Enrolled an iPad (corporate)", &[], 48, "P. Novák"),
        ],
        more: None,
    };
    let body = vec![
        stats.into(),
        Columns::new(
            Widths::TwoToOne,
            [
                Card::new("Restricted devices per day", chart).aside("last 14 days, by reason").into(),
                Card::new("Why devices are restricted", reasons).aside("14").into(),
            ],
        )
        .into(),
        Columns::new(
            Widths::Two,
            [Card::flush("Needs you", needs).into(), Card::new("Devices by state", donut).into()],
        )
        .into(),
        Card::new("Just now", news).aside(cell::link("/dashboard/journal", "All in the Journal")).into(),
    ];
    page(Place::Dashboard, head, body).to_string()
}

fn first_day() -> String {
    let empty = EmptyState {
        icon: Icon::Devices,
        title: "No device has enrolled yet".into(),
        text: Html::rich(
            "Point the phones’ mail at `mdm.acme.test`. A phone appears here the first time its user signs in; nothing has to be installed.",
            &[],
        ),
        actions: vec![
            Button::link("Connect a mail server", "/dashboard/activesync-servers/add")
                .kind(ButtonKind::Primary),
            Button::link("Add users", "/dashboard/users/add"),
        ],
    };
    let head = Head::new(
        "Welcome to Acme Corporation",
        "Three things to do, in this order: a mail server, a policy, the first phone.",
    );
    page(Place::Dashboard, head, vec![Card { body: empty.into(), ..Card::default() }.into()]).to_string()
}
