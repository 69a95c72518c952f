//! Device Platform Restrictions: which platforms decide otherwise than the organization, and about what.

use catalog::{PLATFORMS, Platform};
use domain::model::{AccessConfig, Level};
use engine::compliance;

use super::super::frame::{Answer, Cx, Oops};
use super::super::words;
use super::standing;
use crate::parts::{Card, Chip, Head, Html, Place, Table, Tone, cell};

pub async fn show(cx: Cx) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let head = Head::new(
        "Device Platform Restrictions",
        "What devices of one platform lose, where that is not what the organization says. Groups, users and devices can \
         still decide otherwise.",
    );
    let mut table = Table::new("Platforms", &["Platform", "Restrictions", "Decides about", "Devices"]).tall();
    for info in PLATFORMS {
        table = table.row(row(&cx, &access, info.platform)?);
    }
    cx.page(Place::PlatformRestrictions, head, vec![Card::flush("Platforms", table).into()])
}

fn row(cx: &Cx, access: &AccessConfig, platform: Platform) -> Result<[Html; 4], Oops> {
    let level = Level::Platform(platform);
    // Only what is different is stored at a platform.
    let own = access.level(&level).map(|own| own.0.keys().map(|rule| rule.entry().label).collect::<Vec<_>>());
    let own = own.unwrap_or_default();
    let state = match own.len() {
        0 => Chip::new("As the organization", Tone::Idle),
        n => Chip::new(words::count(n, "rule differs", "rules differ"), Tone::Info),
    };
    let count = cx.org(|org| org.devices.iter().filter(|device| device.platform == platform).count())?;
    let devices = cell::link(
        format!("/dashboard/devices?platform={}", platform.key()),
        words::count(count, "device", "devices"),
    );
    let decides = if own.is_empty() { cell::none() } else { cell::prose(own.join(", ")) };
    Ok([cell::open(standing::address(&level), platform.label()), state.into(), decides, devices])
}
