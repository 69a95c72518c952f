//! The wizard above the pages: which step is being done is carried by a cookie, so every page stays what it is.

use catalog::{Permission, SetUpStep};
use door::cookie;
use engine::set_up::{self, SetUpState};
use http::HeaderMap;

use super::{Cx, PostButton, hidden_value};
use crate::parts::{Button, ButtonKind, Card, Html, Step, Steps};

const COOKIE: &str = "__Host-set-up";

/// `Set-Cookie` for the step that is being done; `None` ends the wizard.
pub fn set(step: Option<SetUpStep>) -> String {
    let (value, age) = step.map_or(("", "; Max-Age=0"), |step| (step.info().key, ""));
    format!("{COOKIE}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}")
}

/// The step that is being done.
pub fn get(headers: &HeaderMap) -> Option<SetUpStep> {
    SetUpStep::from_key(cookie(headers, COOKIE)?)
}

/// What stands above a page while the wizard is on; nothing for who cannot use it.
pub fn bar(cx: &Cx, current: SetUpStep) -> Option<Html> {
    let reports =
        set_up::steps(&cx.engine, &cx.scope).ok().filter(|_| cx.can(Permission::OrganizationEdit))?;
    let is_done = reports.iter().any(|report| report.step == current && report.state == SetUpState::Done);
    let steps = reports.iter().map(|report| Step {
        label: report.step.info().label.into(),
        done: report.state != SetUpState::Open,
        current: report.step == current,
    });
    let steps = Steps { steps: steps.collect(), across: true };
    let post = |action: &str, label: &str, kind| PostButton {
        action: format!("/dashboard/set-up/{action}"),
        hidden: [cx.hidden(), vec![hidden_value("step", current.info().key)]].concat(),
        button: Button::submit(label).kind(kind).small(),
    };
    let on = if is_done { "Continue" } else { "Leave it as it is and continue" };
    let kind = if is_done { ButtonKind::Primary } else { ButtonKind::Plain };
    let buttons = Html::actions([
        post("pass", on, kind).into(),
        post("leave", "Leave the wizard", ButtonKind::Plain).into(),
    ]);
    let info = current.info();
    Some(
        Card::new(
            format!("Set-up: {}", info.label),
            Html::stack([steps.into(), Html::text(info.about), buttons]),
        )
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_survives_the_cookie_and_junk_is_ignored() {
        let mut headers = HeaderMap::new();
        let set = set(Some(SetUpStep::LdapServer));
        headers.insert("cookie", set.split(';').next().expect("a pair").parse().expect("a header"));
        assert_eq!(get(&headers), Some(SetUpStep::LdapServer));
        headers.insert("cookie", format!("{COOKIE}=nonsense").parse().expect("a header"));
        assert_eq!(get(&headers), None);
    }
}
