//! Enrolment codes of a user: what there is, making one, taking one back.

use catalog::Permission;
use domain::model::{EnrollmentToken, TokenOrigin, TokenState, User, UserId, UserState};
use door::{Form, FormData, Path};
use engine::enrollment::{self, Issued, MOST_HOURS, NewToken};
use engine::users;

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, Columns, Copy, Fact, Facts, Form as FormView, Head, Html, Icon, Note,
    Place, Qr, Table, Tone, Widths, cell,
};

/// Codes that are open, or were not long ago.
pub async fn card(cx: &Cx, user: &User) -> Result<Html, Oops> {
    let all = enrollment::of_user(&cx.engine, &cx.scope, user.id).await?;
    let may = cx.can(Permission::UsersInvite);
    let href = format!("/dashboard/users/{}/enrollment-code", user.id);
    let make: Html = if may && user.state == UserState::Active {
        Button::link("Make a code", href.clone()).small().icon(Icon::Plus).into()
    } else {
        Html::default()
    };
    if all.is_empty() {
        let text =
            "With an enrolment code this user can enrol a device without typing a name. It can be used once.";
        return Ok(Card::new("Enrolment codes", Html::text(text)).aside(make).into());
    }
    let mut table = Table::new("Enrolment codes", &["Code", "State", "Made", "Ends", ""]);
    for token in all.iter().take(10) {
        let revoke: Html = if may && token.state(cx.now) == TokenState::Open {
            PostButton {
                action: format!("{href}/revoke"),
                hidden: cx.hidden().into_iter().chain([hidden_value("code", token.id.to_string())]).collect(),
                button: Button {
                    label: "Revoke".into(),
                    small: true,
                    kind: ButtonKind::Danger,
                    ..Button::default()
                },
            }
            .into()
        } else {
            Html::default()
        };
        let origin = match token.origin {
            TokenOrigin::Administrator => "Handed over",
            TokenOrigin::Letter => "In a letter",
        };
        table = table.row([
            cell::lines(origin, if token.pin_hash.is_some() { "with a PIN" } else { "without a PIN" }),
            state_chip(token, cx.now).into(),
            cx.ago(token.created_at).into(),
            cx.ago(token.end.map_or(token.expires_at, |(_, at)| at)).into(),
            revoke,
        ]);
    }
    Ok(Card::flush("Enrolment codes", table).aside(make).into())
}

fn state_chip(token: &EnrollmentToken, now: domain::Millis) -> Chip {
    match token.state(now) {
        TokenState::Open => Chip::new("Open", Tone::Info),
        TokenState::Redeemed => Chip::new("Used", Tone::Ok),
        TokenState::Expired => Chip::new("Expired", Tone::Idle),
        TokenState::Revoked => Chip::new("Revoked", Tone::Idle),
        TokenState::Replaced => Chip::new("Replaced", Tone::Idle),
        TokenState::Guessed => Chip::new("Wrong PINs", Tone::Bad),
    }
}

pub async fn show(cx: Cx, Path(id): Path<UserId>) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    let hours = cx.org(|org| org.organization.settings.enrollment_hours)?;
    let data = FormData::new(vec![("hours".into(), hours.to_string())]);
    let body = form(&cx, &user, &data, &Wrong::default());
    cx.page(Place::Devices, head(&user), body)
}

fn head(user: &User) -> Head {
    Head::new("Make an enrolment code", "A one-time code by which this user is known on the enrolment page.")
        .under("Users", "/dashboard/users")
        .under(user.display_name.clone(), format!("/dashboard/users/{}", user.id))
}

fn form(cx: &Cx, user: &User, data: &FormData, wrong: &Wrong) -> Vec<Html> {
    let entered = Entered { data, wrong };
    let page = format!("/dashboard/users/{}", user.id);
    let fields = vec![
        entered.number("hours", "It can be used for", (1, MOST_HOURS.into()), "hours"),
        entered
            .text("pin", "PIN")
            .help("4 to 12 digits that must be entered too. Tell it by another way than the code.")
            .optional(),
    ];
    let form = FormView {
        id: "code-form".into(),
        action: format!("{page}/enrollment-code"),
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Make the code"), Button::link("Cancel", page)],
    };
    vec![Card::new("", form).into()]
}

pub async fn issue(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let user = users::get(&cx.engine, &cx.scope, id)?;
    // Anything but a number is refused as none.
    let new =
        NewToken { hours: Some(data.text("hours").parse().unwrap_or(0)), pin: data.text("pin").to_owned() };
    match enrollment::issue(&cx.engine, &cx.scope, id, new).await {
        Ok(issued) => {
            let head = Head::new("The code was made", format!("For {}.", user.display_name))
                .under("Users", "/dashboard/users")
                .under(user.display_name.clone(), format!("/dashboard/users/{id}"));
            cx.page(Place::Devices, head, made(&cx, &user, issued))
        }
        Err(error) => {
            let body = form(&cx, &user, &data, &Wrong::of(error)?);
            cx.again(Place::Devices, head(&user), body)
        }
    }
}

fn made(cx: &Cx, user: &User, issued: Issued) -> Vec<Html> {
    let qr = Qr::new("QR code of the enrolment link", &issued.link);
    let facts = Facts::new(vec![
        Fact::new("Code", Html::from(Copy { id: "code".into(), label: "code".into(), value: issued.code })),
        Fact::new("Link", Html::from(Copy { id: "link".into(), label: "link".into(), value: issued.link })),
        Fact::new("Ends", words::ago(cx, Some(issued.expires_at))),
    ]);
    let columns = Columns::new(
        Widths::Two,
        [Card::new("Hand it over", facts).into(), Card::new("Or let it be scanned", qr).into()],
    );
    vec![
        Note::new(Tone::Warn, "Hand it over now", "It is shown this once and cannot be shown again.").into(),
        columns.into(),
        Button::link("Done", format!("/dashboard/users/{}", user.id)).kind(ButtonKind::Primary).into(),
    ]
}

pub async fn revoke(cx: Cx, Path(id): Path<UserId>, Form(data): Form) -> Answer {
    let page = format!("/dashboard/users/{id}");
    let Ok(token) = data.text("code").parse() else {
        return cx.failed(&page, "There is no such code.");
    };
    enrollment::revoke(&cx.engine, &cx.scope, token).await?;
    cx.done(&page, "The code was revoked.")
}
