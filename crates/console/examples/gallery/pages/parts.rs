//! The remaining parts, and the remaining states of those seen elsewhere.
use console::parts::{
    Badge, Bar, Bars, Button, ButtonKind, Card, Chip, Columns, Copy, Donut, Fact, Facts, Head, Hit, HitGroup,
    Html, Icon, Menu, MenuItem, Note, Part, Place, Progress, SearchResults, Slice, Status, Step, Steps,
    Theme, Toast, Tone, Why, Widths, cell,
};

use super::{ago, page};

pub fn pages() -> Vec<(&'static str, String)> {
    vec![("parts", parts()), ("search", search()), ("why", why())]
}

fn parts() -> String {
    let chips = Html::join(Status::ALL.iter().flat_map(|status| [status.chip().into(), Html::text(" ")]));
    let buttons = Html::join(
        [
            Button::link("Plain", "#"),
            Button::link("Primary", "#").kind(ButtonKind::Primary),
            Button::link("Danger", "#").kind(ButtonKind::Danger).icon(Icon::Trash),
            Button::link("Destroy", "#").kind(ButtonKind::Destroy),
            Button::link("Small", "#").small(),
            Button::submit("Wipe").disabled("Your role does not allow wiping"),
        ]
        .into_iter()
        .flat_map(|button| [button.into(), Html::text(" ")]),
    );
    let menu = Menu {
        id: "dots".into(),
        label: "Actions on this server".into(),
        icon_only: true,
        items: vec![MenuItem { label: "Test".into(), href: "?do=test".into(), ..MenuItem::default() }],
    };
    let notes = [Tone::Ok, Tone::Info, Tone::Warn, Tone::Bad, Tone::Idle].map(|tone| {
        Note::new(
            tone,
            format!("A note of the kind “{tone}”"),
            "It says what follows, and what one can do about it.",
        )
        .action(Button::link("Do it", "#").small())
        .html()
    });
    let icons = Html::join(
        Icon::ALL
            .iter()
            .map(|icon| cell::with_icon(*icon, icon.id()))
            .flat_map(|icon| [icon, Html::text("  ")]),
    );
    let facts = |columns| Facts {
        columns,
        ..Facts::new([
            Fact::new("Serial number", cell::mono("R5CX10ABCDE")).source("said by the phone 2 min ago"),
            Fact::new("IMEI", Html::default()),
            Fact::new(
                "A very long name without any space",
                "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            ),
        ])
    };
    let slice = |label: &str, value, tone| Slice { label: label.into(), value, tone, href: None };
    let progress = |id: &str, done, total, detail: &str| Progress {
        id: id.into(),
        label: "Wiping 20 devices".into(),
        done,
        total,
        detail: Html::text(detail),
        ..Progress::default()
    };
    let step = |label: &str, done, current| Step { label: label.into(), done, current };
    let body = vec![
        Card::new("Chips", chips).into(),
        Card::new("Buttons", buttons).aside(menu).into(),
        Html::stack(notes),
        Columns::new(
            Widths::Three,
            [
                Card::new("Facts in one column", facts(1)).into(),
                Card::new("Facts in two", facts(2)).into(),
                Card::new("Facts as lines", facts(0)).footer("With a foot.").into(),
            ],
        )
        .into(),
        Columns::new(
            Widths::Three,
            [
                Card::new(
                    "One part only",
                    Donut {
                        title: "Platforms".into(),
                        unit: "devices".into(),
                        slices: vec![slice("Android", 3, Tone::Info)],
                    },
                )
                .into(),
                Card::new(
                    "Nothing",
                    Donut {
                        title: "Platforms".into(),
                        unit: "devices".into(),
                        slices: vec![slice("Android", 0, Tone::Info)],
                    },
                )
                .into(),
                Card::new(
                    "Many",
                    Donut {
                        title: "Platforms".into(),
                        unit: "devices".into(),
                        slices: vec![
                            slice("Android", 61_204, Tone::Info),
                            slice("iOS and iPadOS", 38_011, Tone::Teal),
                            slice("Windows", 712, Tone::Plum),
                            slice("Other mail clients", 73, Tone::Idle),
                        ],
                    },
                )
                .into(),
            ],
        )
        .into(),
        Columns::new(
            Widths::Three,
            [
                Card::new(
                    "Progress",
                    Html::stack([
                        progress("p1", 7, 20, "3 phones have not been heard of since yesterday").into(),
                        progress("p2", 20, 20, "All done").into(),
                    ]),
                )
                .into(),
                Card::new(
                    "Steps",
                    Steps {
                        across: false,
                        steps: vec![
                            step("Name it", true, false),
                            step("Test it", false, true),
                            step("Assign it", false, false),
                        ],
                    },
                )
                .into(),
                Card::new(
                    "To copy",
                    Copy {
                        id: "token".into(),
                        label: "token".into(),
                        value: "nm_live_4f0c9c6b0d1a4c6f8f3b2f7e5d9a1c3b".into(),
                    },
                )
                .into(),
            ],
        )
        .into(),
        Card::new(
            "Bars without anything",
            Bars { bars: vec![Bar { label: "Nothing yet".into(), ..Bar::default() }] },
        )
        .into(),
        Card::new("Icons", icons).into(),
    ];
    let mut page = page(
        Place::Account,
        Head::new("Parts", "Everything in every state, for those who build pages."),
        body,
    );
    page.layout.theme = Theme::System;
    page.layout.acting = Some(Html::rich(
        "You act inside **{}** as a system administrator. Everything you do is written to its journal.",
        &["Acme Corporation"],
    ));
    page.layout.toasts.push(Toast {
        tone: Tone::Bad,
        text: "The server certificate could not be read: line 3 is not base64.".into(),
    });
    page.note = Some(Note::new(Tone::Warn, "", Badge::mark("word").word));
    page.to_string()
}

fn search() -> String {
    let hit = |icon, title: &str, detail: &str, chip: Option<Chip>| Hit {
        icon,
        title: title.into(),
        detail: detail.into(),
        chip,
        href: "/dashboard/devices/dev_1".into(),
    };
    let found = SearchResults {
        query: "brandt".into(),
        groups: vec![
            HitGroup {
                title: "Devices".into(),
                hits: vec![
                    hit(
                        Icon::Phone,
                        "Lena’s Galaxy S24",
                        "Lena Brandt · R5CX10ABCDE",
                        Some(Status::Restricted.chip()),
                    ),
                    hit(
                        Icon::Tablet,
                        "Lena’s iPad",
                        "Lena Brandt · DMPX2ABC",
                        Some(Status::Compliant.chip()),
                    ),
                ],
            },
            HitGroup {
                title: "Users".into(),
                hits: vec![hit(Icon::User, "Lena Brandt", "lena.brandt@acme.test", None)],
            },
        ],
    };
    let none = SearchResults { query: "00:26:zz".into(), groups: Vec::new() };
    let head = Head::new("Search", "Devices, users, serials, MACs, settings and pages.");
    let none = none.html().into_string().replace("id=\"hits\"", "id=\"hits-2\"");
    assert!(none.contains("00:26:zz"));
    page(Place::Devices, head, vec![Card::new("", found).into()]).to_string()
}

fn why() -> String {
    let why = Why {
        id: "why".into(),
        title: "Restricted".into(),
        tone: Tone::Bad,
        reason: "The device has not been heard of for 81 hours; 72 are allowed.".into(),
        since: Some(ago(540)),
        decided_by: Some("Rule No contact, organization".into()),
        next: Some("Network access ends in 4 hours.".into()),
        fix: Some("Any contact: open the mail app.".into()),
        floating: false,
    };
    page(Place::Devices, Head::new("Why?", ""), vec![Card::new("", why).into()]).to_string()
}
