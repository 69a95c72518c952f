//! The preview of who loses what, and saving.

use std::sync::Arc;

use domain::model::{AccessConfig, Level};
use door::{Form, FormData};
use engine::approvals::Edit;
use engine::compliance::{self, AccessEdit};

use super::super::foretold;
use super::super::frame::{Answer, Cx, FormAround, Wrong, hidden_value};
use super::{PATH, edits, row};
use crate::parts::{Button, Head, Matrix, Place, SaveBar};

pub async fn save(cx: Cx, Form(form): Form) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let level = edits::parse(&cx, form.text("level"))?;
    let changes = edits::edits(&cx, &access, &level, &form);
    let back = format!("{PATH}?level={}", edits::text(&level));
    if changes.is_empty() {
        return cx.failed(&back, "Nothing was changed: the boxes are as they were.");
    }
    if form.text("step") != "save" {
        return review(&cx, &access, &level, &form, &changes).await;
    }
    match compliance::edit_access(&cx.engine, &cx.scope, changes).await {
        Ok(()) => cx.done(&back, "Saved. Every device was looked at anew."),
        Err(error) => cx.failed(&back, Wrong::of(error)?.rest(&[])),
    }
}

/// Who would lose or get back what.
async fn review(
    cx: &Cx,
    access: &Arc<AccessConfig>,
    level: &Level,
    form: &FormData,
    changes: &[AccessEdit],
) -> Answer {
    let answer = compliance::what_if(&cx.engine, &cx.scope, &Edit::Access(changes.to_vec())).await?;
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("step", "save"));
    hidden.extend(form.pairs().iter().filter(|(k, _)| k != "csrf" && k != "step").cloned());
    let bar = SaveBar {
        text: "Saved restrictions take effect at once, and are written to the journal.".into(),
        buttons: vec![
            Button::link("Back without saving", format!("{PATH}?level={}", edits::text(level))),
            Button::submit("Save"),
        ],
    };
    let mut parts = foretold::parts(cx, &answer);
    let matrix = Matrix {
        levels: Vec::new(),
        targets: row::heads(),
        rows: row::rows(cx, access, level, Some(form))?,
        read_only: true,
    };
    parts.push(matrix.into());
    parts.push(bar.into());
    let head = Head::new("Review before saving", "Who would lose what, or get it back, if you save now.")
        .under("Access Restrictions", PATH);
    let form = FormAround { id: "review".into(), action: PATH.into(), hidden, body: parts };
    cx.page(Place::AccessRestrictions, head, vec![form.into()])
}
