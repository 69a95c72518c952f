//! Smart Devices and Users: the grid with fifty lines, filtered, and empty.
use console::parts::{
    Applied, Bulk, BulkAction, Button, ButtonKind, Chip, Column, ColumnChoice, EmptyState, Filter,
    FilterOption, Grid, GridState, Head, Html, Icon, Pager, Place, Row, Status, Tab, Toast, Tone, cell,
};

use super::{ago, page, with_toast};

pub fn pages() -> Vec<(&'static str, String)> {
    let filtered = [("platform", "android"), ("status", "restricted"), ("sort", "-seen"), ("q", "brandt")];
    vec![
        ("devices", list(&[], 50)),
        ("devices-filtered", list(&filtered, 6)),
        ("devices-nothing", list(&filtered, 0)),
    ]
}

const PEOPLE: [&str; 10] = [
    "Lena Brandt",
    "Tomás Meyer",
    "Petra Nováková",
    "Łukasz Wiśniewski",
    "Aïcha Ben Salem",
    "Jan-Willem van den Heuvel-Oudekerk",
    "Siobhán O’Neill",
    "Mehmet Yılmaz",
    "Ingrid Sørensen",
    "K. Tanaka",
];
const DEVICES: [(&str, Icon, &str); 6] = [
    ("Galaxy S24", Icon::Android, "Android 16"),
    ("iPhone 16 Pro", Icon::Apple, "iOS 19.1"),
    ("Pixel 9a", Icon::Android, "Android 16"),
    ("iPad Air", Icon::Apple, "iPadOS 18.6"),
    ("Lumia 950", Icon::Windows, "Windows 10 Mobile"),
    ("Outlook mail client", Icon::Mail, ""),
];

fn row(index: usize) -> Row {
    let person = PEOPLE[index % PEOPLE.len()];
    let (model, icon, system) = DEVICES[(index * 7 + index / 3) % DEVICES.len()];
    let status = match index % 13 {
        3 => Status::Restricted,
        5 => Status::OutOfDate,
        8 => Status::Waiting,
        11 => Status::ALL[index % Status::ALL.len()],
        _ => Status::Compliant,
    };
    let first = person.split(' ').next().unwrap_or_default();
    let href = format!("/dashboard/devices/dev_{index:04}");
    let name = format!("{first}’s {model}");
    let serial =
        if icon == Icon::Mail { String::new() } else { format!("R5CX{:07X}", index * 91_733 + 4_711) };
    let cells = vec![
        cell::open(&href, &name),
        status.chip().peek(format!("{href}/why")).into(),
        Html::text(person),
        cell::with_icon(icon, if system.is_empty() { "ActiveSync" } else { system }),
        Html::text(if index % 4 == 1 { "Individual" } else { "Corporate" }),
        cell::mono(serial),
        Html::text(if index.is_multiple_of(3) { "Field staff" } else { "Standard" }),
        ago(i64::try_from(index * index + 2).unwrap_or(2)).into(),
    ];
    Row { id: format!("dev_{index:04}"), name, cells }
}

fn list(query: &[(&str, &str)], count: usize) -> String {
    let keys = ["device", "status", "user", "system", "liability", "serial", "suite", "seen"];
    let pairs = query.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let state = GridState::parse("/dashboard/devices", pairs, &["platform", "status", "liability"], &keys);
    let option = |key: &str, value: &str, label: &str, count: &str| FilterOption {
        value: value.into(),
        label: label.into(),
        count: count.into(),
        on: state.has(key, value),
    };
    let filters = vec![
        Filter {
            key: "status",
            label: "State".into(),
            options: Status::ALL
                .iter()
                .zip(["387", "9", "9", "5", "1", "1", "0", "0"])
                .map(|(status, count)| option("status", &status.word().to_lowercase(), status.word(), count))
                .collect(),
            one: false,
        },
        Filter {
            key: "platform",
            label: "Platform".into(),
            options: vec![
                option("platform", "android", "Android", "214"),
                option("platform", "ios", "iOS and iPadOS", "176"),
                option("platform", "windows", "Windows", "3"),
                option("platform", "mail", "Other mail clients", "19"),
            ],
            one: false,
        },
        Filter {
            key: "liability",
            label: "Liability".into(),
            options: vec![
                option("liability", "corporate", "Corporate", "310"),
                option("liability", "individual", "Individual", "102"),
            ],
            one: false,
        },
    ];
    let labels = [
        ("Device", false),
        ("State", false),
        ("User", false),
        ("System", false),
        ("Liability", true),
        ("Serial number", true),
        ("Policy suite", true),
        ("Last contact", false),
    ];
    let columns: Vec<Column> = keys
        .iter()
        .zip(labels)
        .map(|(key, (label, wide))| Column { wide_only: wide, ..Column::new(*key, label).sortable(&state) })
        .collect();
    let mut choices: Vec<ColumnChoice> = keys
        .iter()
        .zip(labels)
        .map(|(key, (label, _))| ColumnChoice {
            key: (*key).into(),
            label: label.into(),
            shown: true,
            usual: true,
        })
        .collect();
    choices.extend([("imei", "IMEI"), ("mac", "Wi-Fi MAC"), ("battery", "Battery")].map(|(key, label)| {
        ColumnChoice { key: key.into(), label: label.into(), shown: false, usual: false }
    }));
    let applied = if query.is_empty() {
        Vec::new()
    } else {
        vec![
            Applied { label: "“brandt”".into(), href: state.without_search() },
            Applied { label: "State: Restricted".into(), href: state.without("status", "restricted") },
            Applied { label: "Platform: Android".into(), href: state.without("platform", "android") },
        ]
    };
    let action = |value: &str, label: &str, icon, danger| BulkAction {
        value: value.into(),
        label: label.into(),
        icon,
        danger,
    };
    let bulk = Bulk {
        action: "/dashboard/devices/bulk".into(),
        csrf: "9f3c1c".into(),
        query: state.query(),
        everything: "all 412 devices".into(),
        actions: vec![
            action("suite", "Policy suite", Icon::Shield, false),
            action("refresh", "Refresh policy", Icon::Refresh, false),
            action("block", "Block", Icon::Ban, true),
            action("wipe", "Wipe …", Icon::Wiped, true),
        ],
    };
    let grid = Grid {
        id: "grid".into(),
        label: "Devices".into(),
        search_hint: "Name, user, serial, MAC, IMEI".into(),
        views: vec![
            Tab::new("All", "/dashboard/devices", query.is_empty()).note("412"),
            Tab::new(
                "Needs attention",
                "/dashboard/devices?status=restricted&status=blocked",
                !query.is_empty(),
            )
            .note("14"),
            Tab::new("Waiting", "/dashboard/devices?status=waiting", false).note("5"),
            Tab::new("Unknown devices", "/dashboard/devices?status=unknown", false).note("2"),
        ],
        views_more: vec![Tab::new("Save view", "/dashboard/views/add", false)],
        fields: Vec::new(),
        filters,
        applied,
        choices,
        columns,
        rows: (0..count).map(row).collect(),
        bulk: Some(bulk),
        export: Some("/dashboard/devices.csv".into()),
        pager: Pager {
            summary: if count == 50 {
                "1–50 of 412 devices".into()
            } else {
                format!("{count} of 412 devices")
            },
            next: (count == 50).then(|| state.following("k50")),
            sizes: state.sizes(),
            ..Pager::default()
        },
        empty: Some(EmptyState {
            icon: Icon::Search,
            title: "No device fits these filters".into(),
            text: Html::rich(
                "Nothing restricted on Android is called “{}”. Take a filter away, or search everywhere.",
                &["brandt"],
            ),
            actions: vec![Button::link("Clear filters", state.cleared()).kind(ButtonKind::Primary)],
        }),
        state,
    };
    let head = Head::new("Smart Devices and Users", "Every phone and tablet that reaches your mail, and whose it is. Press a state to learn why it is so.")
        .action(Button::link("Users", "/dashboard/users").icon(Icon::Users))
        .action(Button::link("Add users", "/dashboard/users/add").kind(ButtonKind::Primary).icon(Icon::Plus));
    let mut page = page(Place::Devices, head, vec![grid.into()]);
    if count == 6 {
        let chip = Chip::new("Blocked", Tone::Bad);
        page = with_toast(
            page,
            Toast {
                tone: Tone::Ok,
                text: Html::join([Html::text("Siobhán’s Pixel 9a is now "), chip.into(), Html::text(".")]),
            },
        );
    }
    page.to_string()
}
