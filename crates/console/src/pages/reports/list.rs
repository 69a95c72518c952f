//! The reports that one may see.

use engine::reports;

use super::super::frame::{Answer, Cx, Oops};
use super::PATH;
use crate::parts::{Card, Head, Place, Table, cell};

pub async fn show(cx: Cx) -> Answer {
    let all = reports::list(&cx.scope);
    if cx.outside() || all.is_empty() {
        return Err(Oops::not_found("page"));
    }
    let head = Head::new(
        Place::Reports.label(),
        "Tables and charts over devices and records, as they are at this moment; each can be printed and exported.",
    );
    let table = Table::new(Place::Reports.label(), &["Report", "What it answers"]);
    let table = all.into_iter().fold(table, |table, info| {
        table.row([cell::open(format!("{PATH}/{}", info.key), info.label), cell::prose(info.about)])
    });
    cx.page(Place::Reports, head, vec![Card::flush("", table).into()])
}
